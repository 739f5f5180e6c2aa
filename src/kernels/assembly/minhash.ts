// Shingles and signatures: see ../shingle.ts and ../minhash.ts, the references.
import { mix32 } from './fold'

const SHINGLE_PRIME: u32 = 0x9e3779b1
const SEED_STEP: u32 = 0x9e3779b9
const EMPTY: u64 = u64.MAX_VALUE

/** Hashes every run of `size` words into out (u32); answers how many. */
export function shingleHashes(words: usize, count: u32, size: u32, out: usize): u32 {
  if (count < size) return 0
  let leaving: u32 = 1
  for (let i: u32 = 1; i < size; i++) leaving *= SHINGLE_PRIME
  let rolling: u32 = 0
  for (let i: u32 = 0; i < size - 1; i++) rolling = rolling * SHINGLE_PRIME + load<u32>(words + (usize(i) << 2))
  const runs = count - size + 1
  for (let i: u32 = 0; i < runs; i++) {
    const first = words + (usize(i) << 2)
    rolling = rolling * SHINGLE_PRIME + load<u32>(first + (usize(size - 1) << 2))
    store<u32>(out + (usize(i) << 2), mix32(rolling))
    rolling -= load<u32>(first) * leaving
  }
  return runs
}

/** Empties the lanes (u64 each, whatever the kind of signature). */
export function resetLanes(minima: usize, lanes: u32): void {
  memory.fill(minima, 0xff, usize(lanes) << 3)
}

/** One round of Fast Similarity Sketching; answers how many lanes are still empty. */
export function fillRound(hashes: usize, count: u32, round: u32, minima: usize, lanes: u32): u32 {
  const end = hashes + (usize(count) << 2)
  const base: u64 = u64(round) << 32
  const seed = round * SEED_STEP
  if (round < lanes) {
    for (let at = hashes; at < end; at += 4) {
      const hash = round == 0 ? load<u32>(at) : mix32(load<u32>(at) ^ seed)
      const product: u64 = u64(hash) * u64(lanes)
      const lane = minima + (usize(product >> 32) << 3)
      const value: u64 = base | (product & 0xffffffff)
      if (value < load<u64>(lane)) store<u64>(lane, value)
    }
  } else {
    const lane = minima + (usize(round - lanes) << 3)
    for (let at = hashes; at < end; at += 4) {
      const value: u64 = base | u64(mix32(load<u32>(at) ^ seed))
      if (value < load<u64>(lane)) store<u64>(lane, value)
    }
  }
  let empty: u32 = 0
  for (let i: u32 = 0; i < lanes; i++) empty += u32(load<u64>(minima + (usize(i) << 3)) == EMPTY)
  return empty
}

/** Writes 16 bits (u16) for each lane. */
export function finishLanes(minima: usize, lanes: u32, out: usize): void {
  for (let i: u32 = 0; i < lanes; i++) {
    const minimum = load<u64>(minima + (usize(i) << 3))
    const value = u32(minimum) + u32(minimum >> 32) * SEED_STEP
    store<u16>(out + (usize(i) << 1), u16(mix32(value) >> 16))
  }
}

/** Classic lanes (u32 each): minima of `hash * multiplier + addend`, four hashes at a time. */
export function lowestLanes(hashes: usize, count: u32, pairs: usize, minima: usize, lanes: u32): void {
  const whole = hashes + (usize(count & ~3) << 2)
  const end = hashes + (usize(count) << 2)
  for (let i: u32 = 0; i < lanes; i++) {
    const multiplier = load<u32>(pairs + (usize(i) << 3))
    const addend = load<u32>(pairs + (usize(i) << 3), 4)
    const m = i32x4.splat(multiplier)
    const p = i32x4.splat(addend)
    let lows = i32x4.splat(load<u32>(minima + (usize(i) << 2)))
    let at = hashes
    for (; at < whole; at += 16) lows = i32x4.min_u(lows, i32x4.add(i32x4.mul(v128.load(at), m), p))
    let low: u32 = min<u32>(
      min<u32>(i32x4.extract_lane(lows, 0), i32x4.extract_lane(lows, 1)),
      min<u32>(i32x4.extract_lane(lows, 2), i32x4.extract_lane(lows, 3)),
    )
    for (; at < end; at += 4) low = min<u32>(low, load<u32>(at) * multiplier + addend)
    store<u32>(minima + (usize(i) << 2), low)
  }
}

/** Writes 16 bits (u16) for each classic lane. */
export function finishClassic(minima: usize, lanes: u32, out: usize): void {
  for (let i: u32 = 0; i < lanes; i++) {
    store<u16>(out + (usize(i) << 1), u16(mix32(load<u32>(minima + (usize(i) << 2))) >> 16))
  }
}
