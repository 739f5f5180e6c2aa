// 64-bit hashes of words and lines.

const SEED: u64 = 0x243f6a8885a308d3
const PRIME: u64 = 0x9e3779b97f4a7c15

/** Hash of a few bytes; never 0. */
export function hashWord(at: usize, length: usize): u64 {
  if (length > 16) return hashOf(at, at + length)
  const first = load<u64>(at) & lowest(min(length, 8))
  return hashPair(first, length > 8 ? load<u64>(at + 8) & lowest(length - 8) : 0, u32(length))
}

/** As many low bytes of ones, 1 to 8. */
@inline
function lowest(bytes: usize): u64 {
  return ~u64(0) >> (64 - (u64(bytes) << 3))
}

/** The same for up to 16 bytes given as numbers, zeros behind them. */
@inline
export function hashPair(first: u64, second: u64, length: u32): u64 {
  let hash = (first ^ (u64(length) * SEED)) * PRIME
  hash = (hash ^ (hash >> 32) ^ second) * 0xbf58476d1ce4e5b9
  return finished(hash)
}

@inline
function finished(hash: u64): u64 {
  hash = (hash ^ (hash >> 32)) * 0x94d049bb133111eb
  return (hash ^ (hash >> 29)) | 1
}

/** Hash of any number of bytes; never 0. */
export function hashOf(at: usize, end: usize): u64 {
  let hash = u64(end - at) * PRIME ^ SEED
  for (; at + 8 <= end; at += 8) {
    hash = (hash ^ load<u64>(at)) * 0xbf58476d1ce4e5b9
    hash ^= hash >> 32
  }
  if (at < end) hash = (hash ^ (load<u64>(at) & (~u64(0) >> (64 - (u64(end - at) << 3))))) * PRIME
  return finished(hash ^ (hash >> 32))
}
