// Folds and hashes words: see ./fold.ts, the reference. A stretch of text is first turned into
// units; then four words at a time are hashed side by side.
import { foldNext, foldUnits, SEPARATOR, unitsEnd } from './assembly-units'

const SEED_A: u32 = 0x811c9dc5
const SEED_B: u32 = 0x9747b28c
const PRIME_A: u32 = 0x01000193
const PRIME_B: u32 = 0x5bd1e995

/** Units folded at a time, and an upper bound of the words in them. */
const UNITS: usize = 2048
const MOST_WORDS: u32 = 1088
/** Half of WORD_SLACK in ./fold.ts. */
const HALF_SLACK: u32 = 32
/**
 * Layout of `room`: the units with what is written past them, then the edges of words (u16 each),
 * then the units of four words side by side.
 */
const EDGES_AT: usize = 2 * UNITS + 64
const COLUMNS_AT: usize = EDGES_AT + 2 * UNITS + 128

/** Where the words of the text are written, and how many there are. One text at a time. */
let wordsAt: usize = 0
let secondAt: usize = 0
let count: u32 = 0
/** The hashes of the open word, if there is one. */
let a: u32 = SEED_A
let b: u32 = SEED_B
let inWord: bool = false

/** fmix32, the finaliser of murmur3. */
@inline
export function mix32(value: u32): u32 {
  let h = value
  h = (h ^ (h >> 16)) * 0x85ebca6b
  h = (h ^ (h >> 13)) * 0xc2b2ae35
  return h ^ (h >> 16)
}

/** The same for four values. */
@inline
export function mixFour(values: v128): v128 {
  let h = values
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(0x85ebca6b))
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35))
  return v128.xor(h, i32x4.shr_u(h, 16))
}

/**
 * Appends the words of [text, end) to words and second (u32 each) and updates the state (count,
 * total, digest). Returns the address reached. Stops after a separator once there are more than
 * `most` words, or after any character once there are more than `most` + HALF_SLACK. `room` has
 * space for 8,448 bytes.
 */
export function foldWords(
  text: usize,
  end: usize,
  table: usize,
  words: usize,
  second: usize,
  state: usize,
  most: u32,
  room: usize,
): usize {
  wordsAt = words
  secondAt = second
  const before: u32 = load<u32>(state)
  count = before
  inWord = false
  while (text < end) {
    const mayStop = count + MOST_WORDS > most
    text = mayStop
      ? foldNext(text, end, table, room)
      : foldUnits(text, end, table, room, room + 2 * UNITS)
    if (unitsEnd == room) continue
    hashUnits(room)
    if (count > (inWord ? most + HALF_SLACK : most)) break
  }
  if (inWord) endWord()
  store<u32>(state, load<u32>(state, 4) + count - before, 4)
  store<u32>(state, count)
  digestWords(
    words + (usize(before) << 2),
    second + (usize(before) << 2),
    count - before,
    state + 8,
  )
  return text
}

/**
 * Hashes the words in the units from `units` to `unitsEnd`. The first word may have begun earlier;
 * the last one stays open if no separator ends it.
 */
function hashUnits(units: usize): void {
  let start = units
  if (inWord) {
    start = extendWord(units)
    if (start == unitsEnd) return
    endWord()
  }
  const edges = units + EDGES_AT
  let last = findEdges(units, usize(start - units) >> 1, usize(unitsEnd - units) >> 1, edges)
  if (load<u16>(unitsEnd - 2) != SEPARATOR) {
    last -= 4
    extendWord(units + (usize(load<u16>(last)) << 1))
  }
  v128.store(last, i32x4.splat(0))
  // Edges take four bytes per word, and so do its hashes.
  const before = (usize(count) << 2) - edges
  for (let at = edges; at < last; at += 16)
    hashFour(units, at, wordsAt + before + at, secondAt + before + at)
  count += u32(last - edges) >> 2
}

/**
 * Adds the units from `at` to the open word, up to a separator. Returns the address of the
 * separator, or `unitsEnd`.
 */
function extendWord(at: usize): usize {
  for (; at < unitsEnd; at += 2) {
    const unit: u32 = load<u16>(at)
    if (unit == SEPARATOR) break
    a = (a ^ unit) * PRIME_A
    b = (rotl<u32>(b, 5) ^ unit) * PRIME_B
    inWord = true
  }
  return at
}

function endWord(): void {
  store<u32>(wordsAt + (usize(count) << 2), mix32(a))
  store<u32>(secondAt + (usize(count) << 2), mix32(b))
  count++
  a = SEED_A
  b = SEED_B
  inWord = false
}

/**
 * Writes where the words in units [from, to) begin and end, u16 each. Returns the address after
 * them.
 */
function findEdges(units: usize, from: usize, to: usize, edges: usize): usize {
  let out = edges
  let inside: u64 = 0
  // One more block closes a word that reaches the end.
  for (let block = from; block <= to; block += 64) {
    let letters = ~separators(units + (block << 1))
    if (to - block < 64) letters &= (u64(1) << u64(to - block)) - 1
    let found = letters ^ ((letters << 1) | inside)
    inside = letters >> 63
    const next = out + (usize(popcnt(found)) << 1)
    for (; out < next; out += 16) {
      for (let i: usize = 0; i < 16; i += 2) {
        store<u16>(out + i, u16(block + usize(ctz(found))))
        found &= found - 1
      }
    }
    out = next
  }
  return out
}

/** Bit i is set if unit i of the 64 at `at` is a separator. */
@inline
function separators(at: usize): u64 {
  return separators16(at) |
    (separators16(at + 32) << 16) |
    (separators16(at + 64) << 32) |
    (separators16(at + 96) << 48)
}

@inline
function separators16(at: usize): u64 {
  const none = i16x8.splat(0)
  const found = i8x16.narrow_i16x8_s(
    i16x8.eq(v128.load(at), none),
    i16x8.eq(v128.load(at, 16), none),
  )
  return u64(u32(i8x16.bitmask(found)))
}

/** Writes both hashes of the four words whose starts and ends are at `edges`. */
@inline
function hashFour(units: usize, edges: usize, words: usize, second: usize): void {
  const columns = units + COLUMNS_AT
  const both = v128.load(edges)
  let left = i32x4.sub(i32x4.shr_u(both, 16), v128.and(both, i32x4.splat(0xffff)))
  let from0 = units + (usize(load<u16>(edges)) << 1)
  let from1 = units + (usize(load<u16>(edges, 4)) << 1)
  let from2 = units + (usize(load<u16>(edges, 8)) << 1)
  let from3 = units + (usize(load<u16>(edges, 12)) << 1)
  let hashA = i32x4.splat(SEED_A)
  let hashB = i32x4.splat(SEED_B)
  // The hashes at the end of each word.
  let wholeA = i32x4.splat(0)
  let wholeB = wholeA
  do {
    transpose(v128.load(from0), v128.load(from1), v128.load(from2), v128.load(from3), columns)
    for (let i: usize = 0; i < 8; i++) {
      const unit = v128.load16x4_u(columns + (i << 3))
      hashA = i32x4.mul(v128.xor(hashA, unit), i32x4.splat(PRIME_A))
      const turned = v128.or(i32x4.shl(hashB, 5), i32x4.shr_u(hashB, 27))
      hashB = i32x4.mul(v128.xor(turned, unit), i32x4.splat(PRIME_B))
      left = i32x4.sub(left, i32x4.splat(1))
      const over = i32x4.eq(left, i32x4.splat(0))
      wholeA = v128.or(wholeA, v128.and(hashA, over))
      wholeB = v128.or(wholeB, v128.and(hashB, over))
    }
    from0 += 16
    from1 += 16
    from2 += 16
    from3 += 16
  } while (v128.any_true(i32x4.gt_s(left, i32x4.splat(0))))
  v128.store(words, mixFour(wholeA))
  v128.store(second, mixFour(wholeB))
}

/** Transposes four rows of 8 units into 8 columns of four. */
@inline
function transpose(row0: v128, row1: v128, row2: v128, row3: v128, out: usize): void {
  const low01 = v128.shuffle<i16>(row0, row1, 0, 8, 1, 9, 2, 10, 3, 11)
  const high01 = v128.shuffle<i16>(row0, row1, 4, 12, 5, 13, 6, 14, 7, 15)
  const low23 = v128.shuffle<i16>(row2, row3, 0, 8, 1, 9, 2, 10, 3, 11)
  const high23 = v128.shuffle<i16>(row2, row3, 4, 12, 5, 13, 6, 14, 7, 15)
  v128.store(out, v128.shuffle<i32>(low01, low23, 0, 4, 1, 5))
  v128.store(out, v128.shuffle<i32>(low01, low23, 2, 6, 3, 7), 16)
  v128.store(out, v128.shuffle<i32>(high01, high23, 0, 4, 1, 5), 32)
  v128.store(out, v128.shuffle<i32>(high01, high23, 2, 6, 3, 7), 48)
}

/** Continues the running digest (four u32) with `many` words. */
function digestWords(words: usize, second: usize, many: u32, digest: usize): void {
  let d0 = load<u32>(digest)
  let d1 = load<u32>(digest, 4)
  let d2 = load<u32>(digest, 8)
  let d3 = load<u32>(digest, 12)
  const end = words + (usize(many) << 2)
  for (; words < end; words += 4, second += 4) {
    const x = load<u32>(words)
    const y = load<u32>(second)
    d0 = rotl<u32>(d0 ^ x, 13) * 0x9e3779b1 + d1
    d1 = rotl<u32>(d1 ^ y, 15) * 0x85ebca77 + d2
    d2 = rotl<u32>(d2 ^ (x + y), 17) * 0xc2b2ae3d + d3
    d3 = rotl<u32>(d3 ^ x ^ rotl<u32>(y, 7), 19) * 0x27d4eb2f + d0
  }
  store<u32>(digest, d0)
  store<u32>(digest, d1, 4)
  store<u32>(digest, d2, 8)
  store<u32>(digest, d3, 12)
}
