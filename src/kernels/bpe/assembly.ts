// Byte-pair encoding of UTF-8: see ./reference.ts for the rules and ./kernel.ts for the layout of
// `tables`.
//
// Words are looked up in a direct-mapped cache. A word that is missing is merged and stored there.
// A slot is one line of the processor's cache: 32 bytes of word padded with zeros, its length (u8),
// its number of ids (u8), and room for seven ids.

const JOINS: usize = 0
const CHARACTERS: usize = 4
const BYTE_IDS: usize = 8
const MERGES: usize = 12
const MERGE_MASK: usize = 16
const CACHE: usize = 20
const CACHE_MASK: usize = 24
const SCRATCH: usize = 28
const COUNTED: usize = 32

/** Words longer than this are left to the host. */
const WORD_BYTES: usize = 128
const CACHED_BYTES: usize = 32
const CACHED_IDS: usize = 7
const LENGTH: usize = 32
const COUNT: usize = 33
const IDS: usize = 36
const NO_MERGE: u64 = 0xffffffffffffffff

/**
 * Encodes the complete words of [from, end) into `out`, which has room for one id (u32) per byte
 * and 32 bytes more. Stops before a word of more than WORD_BYTES bytes and, unless this is the
 * `last` stretch of its text, before a word that reaches the end. Returns the position reached and
 * stores the number of ids in `tables`.
 */
export function encodeBpe(from: usize, end: usize, last: bool, out: usize, tables: usize): usize {
  const joins: usize = load<u32>(tables + JOINS)
  let at = from
  let to = out
  let fits = true
  for (let block = from + 1; block <= end && fits; block += 64) {
    let cuts = cutsFrom(block, joins)
    if (end - block < 64)
      cuts = (cuts & ((1 << u64(end - block)) - 1)) | (u64(last) << u64(end - block))
    for (; cuts != 0; cuts &= cuts - 1) {
      const stop = block + usize(ctz(cuts))
      fits = stop - at <= WORD_BYTES
      if (!fits) break
      to = encodeWord(at, stop, to, tables)
      at = stop
    }
  }
  store<u32>(tables + COUNTED, u32((to - out) >> 2))
  return at
}

/**
 * One bit for each of the 64 positions from `block` that no piece reaches across. There is no
 * branch, so the processor can continue with the next words while it waits for the cache.
 */
// @ts-ignore: decorator
@inline
function cutsFrom(block: usize, joins: usize): u64 {
  let joined: u64 = 0
  for (let i: usize = 0; i < 64; i++)
    joined |= u64(load<u8>(joins + usize(load<u16>(block - 1 + i)))) << i
  return ~joined
}

// @ts-ignore: decorator
@inline
function encodeWord(at: usize, stop: usize, to: usize, tables: usize): usize {
  const length = stop - at
  if (length > CACHED_BYTES) return mergeWord(at, stop, to, tables)
  const first = v128.and(
    v128.load(at),
    below(length, i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)),
  )
  const second = v128.and(
    v128.load(at + 16),
    below(length, i8x16(16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31)),
  )
  const slot =
    usize(load<u32>(tables + CACHE)) +
    (usize(hashWord(first, second) & u64(load<u32>(tables + CACHE_MASK))) << 6)
  const differ = v128.or(v128.xor(first, v128.load(slot)), v128.xor(second, v128.load(slot + 16)))
  if (load<u8>(slot + LENGTH) == length && !v128.any_true(differ)) {
    v128.store(to, v128.load(slot + IDS))
    v128.store(to + 12, v128.load(slot + IDS + 12))
    return to + (usize(load<u8>(slot + COUNT)) << 2)
  }
  const after = mergeWord(at, stop, to, tables)
  if (after - to <= CACHED_IDS << 2) {
    v128.store(slot, first)
    v128.store(slot + 16, second)
    store<u8>(slot + LENGTH, u8(length))
    store<u8>(slot + COUNT, u8((after - to) >> 2))
    v128.store(slot + IDS, v128.load(to))
    v128.store(slot + IDS + 12, v128.load(to + 12))
  }
  return after
}

/** All ones in the lanes whose number is below `length`. */
// @ts-ignore: decorator
@inline
function below(length: usize, lanes: v128): v128 {
  return i8x16.lt_u(lanes, i8x16.splat(i8(length)))
}

// @ts-ignore: decorator
@inline
function hashWord(first: v128, second: v128): u64 {
  let hash = (i64x2.extract_lane(first, 0) * 0x9e3779b97f4a7c15) ^ i64x2.extract_lane(first, 1)
  hash = (rotr<u64>(hash, 29) * 0xbf58476d1ce4e5b9) ^ i64x2.extract_lane(second, 0)
  hash = (rotr<u64>(hash, 29) * 0x94d049bb133111eb) ^ i64x2.extract_lane(second, 1)
  hash = rotr<u64>(hash, 29) * 0x9e3779b97f4a7c15
  return hash ^ (hash >> 32)
}

/**
 * Merges the characters of a word of at most WORD_BYTES bytes in place. Returns the end of its ids.
 */
function mergeWord(start: usize, end: usize, out: usize, tables: usize): usize {
  const merges: usize = load<u32>(tables + MERGES)
  const mask: u32 = load<u32>(tables + MERGE_MASK)
  // For each symbol and the one after it: the rank of their merge (high half) and the id they
  // become.
  const pairs: usize = load<u32>(tables + SCRATCH)
  let count = (splitCharacters(start, end, out, tables) - out) >> 2
  for (let i: usize = 0; i + 1 < count; i++)
    store<u64>(pairs + (i << 3), mergeOf(out + (i << 2), merges, mask))
  while (count > 1) {
    let best = NO_MERGE
    let place: usize = 0
    for (let i: usize = 0; i < count - 1; i++) {
      const pair = load<u64>(pairs + (i << 3))
      if (pair >> 32 < best >> 32) {
        best = pair
        place = i
      }
    }
    if (best == NO_MERGE) break
    count--
    for (let i = place + 1; i < count; i++) {
      store<u32>(out + (i << 2), load<u32>(out + (i << 2), 4))
      store<u64>(pairs + (i << 3), load<u64>(pairs + (i << 3), 8))
    }
    const merged = out + (place << 2)
    store<u32>(merged, u32(best))
    if (place > 0) store<u64>(pairs + ((place - 1) << 3), mergeOf(merged - 4, merges, mask))
    if (place + 1 < count) store<u64>(pairs + (place << 3), mergeOf(merged, merges, mask))
  }
  return out + (count << 2)
}

/**
 * Rank and id of the merge of the two ids at `pair`, or NO_MERGE if there is none. A slot holds
 * both ids, the id of the merge and its rank.
 */
// @ts-ignore: decorator
@inline
function mergeOf(pair: usize, merges: usize, mask: u32): u64 {
  const key = load<u64>(pair)
  let slot: u32 = (u32(key) * 0x9e3779b1) ^ (u32(key >> 32) * 0x85ebca6b)
  slot = (slot ^ (slot >>> 15)) & mask
  let entry = merges + (usize(slot) << 4)
  while (load<u64>(entry) != key) {
    if (load<u64>(entry) == NO_MERGE) return NO_MERGE
    slot = (slot + 1) & mask
    entry = merges + (usize(slot) << 4)
  }
  return load<u64>(entry, 8)
}

/**
 * Writes the id of each character, or the ids of its bytes if it has no piece; the latter are in no
 * merge. Returns the end of the ids.
 */
function splitCharacters(start: usize, end: usize, out: usize, tables: usize): usize {
  const characters: usize = load<u32>(tables + CHARACTERS)
  const byteIds: usize = load<u32>(tables + BYTE_IDS)
  let at = start
  let to = out
  while (at < end) {
    const size = characterSize(at, end)
    const id = size == 0 ? -1 : load<i32>(characters + (usize(codePoint(at, size)) << 2))
    const stop = at + (size == 0 ? 1 : size)
    if (id >= 0) {
      store<i32>(to, id)
      to += 4
    } else {
      for (let byte = at; byte < stop; byte++, to += 4)
        store<u32>(to, load<u32>(byteIds + (usize(load<u8>(byte)) << 2)))
    }
    at = stop
  }
  return to
}

/** Length in bytes of the character that starts here, 0 if none does. */
// @ts-ignore: decorator
@inline
function characterSize(at: usize, end: usize): usize {
  const first: u32 = load<u8>(at)
  if (first < 0x80) return 1
  const size: usize = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || at + size > end) return 0
  for (let i: usize = 1; i < size; i++) if ((load<u8>(at + i) & 0xc0) != 0x80) return 0
  const point = codePoint(at, size)
  const least: u32 = size == 4 ? 0x10000 : size == 3 ? 0x800 : 0x80
  return point < least || point > 0x10ffff ? 0 : size
}

// @ts-ignore: decorator
@inline
function codePoint(at: usize, size: usize): u32 {
  let point: u32 = size == 1 ? load<u8>(at) : load<u8>(at) & (0x7f >> u32(size))
  for (let i: usize = 1; i < size; i++) point = (point << 6) | (load<u8>(at + i) & 0x3f)
  return point
}
