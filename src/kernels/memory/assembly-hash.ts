// 64-bit hashes of words and lines. Each eight bytes go through the round function of xxHash64
// (Collet). With a weaker round, a difference in the upper bits of eight bytes can be cancelled by
// one in the next eight, as happens with words that differ in capitals.

const SEED: u64 = 0x243f6a8885a308d3
const INNER: u64 = 0xc2b2ae3d27d4eb4f
const OUTER: u64 = 0x9e3779b185ebca87

/** Hash of a short string of bytes; never 0. */
export function hashWord(at: usize, length: usize): u64 {
  if (length > 16) return hashOf(at, at + length)
  const first = load<u64>(at) & lowest(min(length, 8))
  return hashPair(first, length > 8 ? load<u64>(at + 8) & lowest(length - 8) : 0, u32(length))
}

/** A mask with the lowest `bytes` bytes set, 1 to 8. */
@inline
function lowest(bytes: usize): u64 {
  return ~u64(0) >> (64 - (u64(bytes) << 3))
}

/** The same hash for up to 16 bytes given as two numbers, padded with zeros. */
@inline
export function hashPair(first: u64, second: u64, length: u32): u64 {
  return finished(round(round(u64(length) * SEED, first), second))
}

@inline
function round(hash: u64, bytes: u64): u64 {
  return rotl<u64>(hash + bytes * INNER, 31) * OUTER
}

@inline
function finished(hash: u64): u64 {
  hash = (hash ^ (hash >> 32)) * 0x94d049bb133111eb
  return (hash ^ (hash >> 29)) | 1
}

/** Hash of any number of bytes; never 0. */
export function hashOf(at: usize, end: usize): u64 {
  let hash = u64(end - at) * SEED
  for (; at + 8 <= end; at += 8) hash = round(hash, load<u64>(at))
  if (at < end) hash = round(hash, load<u64>(at) & lowest(end - at))
  return finished(hash)
}
