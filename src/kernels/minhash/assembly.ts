// Shingles and signatures: see ../shingle/shingle.ts and ./minhash.ts, the references.
import { mix32, mixFour } from '../fold/assembly'

const SHINGLE_PRIME: u32 = 0x9e3779b1
const SEED_STEP: u32 = 0x9e3779b9
const EMPTY: u64 = u64.MAX_VALUE

/**
 * Hashes every run of `size` words into out (u32), four side by side, and returns their number. Up
 * to three more are read and written.
 */
export function shingleHashes(words: usize, count: u32, size: u32, out: usize): u32 {
  if (count < size) return 0
  const runs = count - size + 1
  const end = words + (usize(runs) << 2)
  const length = usize(size) << 2
  for (let first = words; first < end; first += 16, out += 16) {
    let hashes = v128.load(first)
    for (let at = first + 4; at < first + length; at += 4) {
      hashes = i32x4.add(i32x4.mul(hashes, i32x4.splat(SHINGLE_PRIME)), v128.load(at))
    }
    v128.store(out, mixFour(hashes))
  }
  return runs
}

/** Empties the lanes (u64 each, for both kinds of signature). */
export function resetLanes(minima: usize, lanes: u32): void {
  memory.fill(minima, 0xff, usize(lanes) << 3)
}

/** One round of Fast Similarity Sketching. Returns how many lanes are still empty. */
export function fillRound(hashes: usize, count: u32, round: u32, minima: usize, lanes: u32): u32 {
  const end = hashes + (usize(count) << 2)
  if (round < lanes) fillLanes(hashes, end, round, minima, lanes)
  else fillLane(hashes, end, round, minima + (usize(round - lanes) << 3))
  return emptyLanes(minima, lanes)
}

/** Each hash competes for the lane that it selects. */
@inline
function fillLanes(hashes: usize, end: usize, round: u32, minima: usize, lanes: u32): void {
  const base = u64(round) << 32
  const seed = round * SEED_STEP
  let at = hashes
  for (; at + 16 <= end; at += 16) {
    let four = v128.load(at)
    if (round != 0) four = mixFour(v128.xor(four, i32x4.splat(seed)))
    const low = i64x2.extmul_low_i32x4_u(four, i32x4.splat(lanes))
    const high = i64x2.extmul_high_i32x4_u(four, i32x4.splat(lanes))
    lower(minima, base, i64x2.extract_lane(low, 0))
    lower(minima, base, i64x2.extract_lane(low, 1))
    lower(minima, base, i64x2.extract_lane(high, 0))
    lower(minima, base, i64x2.extract_lane(high, 1))
  }
  for (; at < end; at += 4) {
    const hash = round == 0 ? load<u32>(at) : mix32(load<u32>(at) ^ seed)
    lower(minima, base, u64(hash) * u64(lanes))
  }
}

/**
 * The upper half of the product is a lane, the lower half a value. There is no branch on which
 * minimum is lower, because it would be hard to predict.
 */
@inline
function lower(minima: usize, base: u64, product: u64): void {
  const lane = minima + (usize(product >> 32) << 3)
  store<u64>(lane, min<u64>(base | (product & 0xffffffff), load<u64>(lane)))
}

function emptyLanes(minima: usize, lanes: u32): u32 {
  const end = minima + (usize(lanes) << 3)
  let at = minima
  let pairs = i64x2.splat(0)
  for (; at + 16 <= end; at += 16)
    pairs = i64x2.sub(pairs, i64x2.eq(v128.load(at), i64x2.splat(EMPTY)))
  const empty = u32(i64x2.extract_lane(pairs, 0)) + u32(i64x2.extract_lane(pairs, 1))
  return at < end ? empty + u32(load<u64>(at) == EMPTY) : empty
}

/** All hashes compete for one lane. */
@inline
function fillLane(hashes: usize, end: usize, round: u32, lane: usize): void {
  const base = u64(round) << 32
  const seed = round * SEED_STEP
  for (let at = hashes; at < end; at += 4) {
    const value = base | u64(mix32(load<u32>(at) ^ seed))
    if (value < load<u64>(lane)) store<u64>(lane, value)
  }
}

/** Writes 16 bits (u16) per lane. */
export function finishLanes(minima: usize, lanes: u32, out: usize): void {
  for (let i: u32 = 0; i < lanes; i++) {
    const minimum = load<u64>(minima + (usize(i) << 3))
    const value = u32(minimum) + u32(minimum >> 32) * SEED_STEP
    store<u16>(out + (usize(i) << 1), u16(mix32(value) >> 16))
  }
}

/**
 * Updates classic lanes (u32 each): minima of `hash * multiplier + addend`, four hashes at a time.
 */
export function lowestLanes(
  hashes: usize,
  count: u32,
  pairs: usize,
  minima: usize,
  lanes: u32,
): void {
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

/** Writes 16 bits (u16) per classic lane. */
export function finishClassic(minima: usize, lanes: u32, out: usize): void {
  for (let i: u32 = 0; i < lanes; i++) {
    store<u16>(out + (usize(i) << 1), u16(mix32(load<u32>(minima + (usize(i) << 2))) >> 16))
  }
}
