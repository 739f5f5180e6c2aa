// Sums the rows of a fastText model for the words and character n-grams of a text. Same rows as
// ./reference.ts. The rows of each word are summed separately and cached, so the order of additions
// differs.
import { CACHED_BYTES, Model, STOP, sumWord } from './assembly-word'

/**
 * Words that are looked up before the first of them is added, so that the waits for their sums
 * overlap.
 */
const BATCH: usize = 64
/** BATCH, plus the words that one more block may begin. */
const MOST_WORDS: usize = BATCH + 33
/**
 * Layout of `room`: hashes (u64), edges (two u32) with what is written past them, entries (u32)
 * with what is read past them, and the sum of a word that is not cached.
 */
const EDGES_AT: usize = 8 * MOST_WORDS
const ENTRIES_AT: usize = EDGES_AT + 8 * MOST_WORDS + 32
const SPARE_AT: usize = ENTRIES_AT + 4 * MOST_WORDS + 12

const MAX_ROWS: u32 = (1 << 9) - 1
/** Set in the key of a word that occurred again. */
const MET: u64 = 1 << 9
const PLACE_SHIFT: u64 = 10
const PLACE_MASK: u64 = (1 << 18) - 1
const TAG: u64 = ~((u64(1) << 28) - 1)
/** Matches no entry: the hashes of words have the top bit set, and free entries are 0. */
const UNCACHED: u64 = 1 << 32

/**
 * Stores the sum of all rows of [text, end) as 16 f32 at `result` and returns their number. The
 * host adds the end-of-line token. The bytes before and after the text are overwritten temporarily,
 * then restored.
 */
export function sumFastTextRows(at: usize, text: usize, end: usize, result: usize): u32 {
  const model = changetype<Model>(at)
  const edges = model.room + EDGES_AT
  const full = edges + 8 * BATCH
  memory.fill(result, 0, 64)
  rows = 0
  let last = edges
  let inside: u64 = 0
  // One more block closes a word that reaches the end.
  for (let block = text; block <= end; block += 64) {
    let words = ~blanks(block)
    if (end - block < 64) words &= (u64(1) << u64(end - block)) - 1
    last = listEdges(block, words ^ ((words << 1) | inside), last)
    inside = words >> 63
    if (last <= full) continue
    if (!addWords(model, usize(last - edges) >> 3, result)) return rows
    // The start of a word that is still open.
    store<u32>(edges, load<u32>(last - 4))
    last = edges + usize(inside << 2)
  }
  addWords(model, usize(last - edges) >> 3, result)
  return rows
}

/** Rows added so far. One text at a time. */
let rows: u32 = 0

/** Bit i is set if byte i of the 64 at `block` ends a word. */
@inline
function blanks(block: usize): u64 {
  return (
    blanks16(block) |
    (blanks16(block + 16) << 16) |
    (blanks16(block + 32) << 32) |
    (blanks16(block + 48) << 48)
  )
}

@inline
function blanks16(at: usize): u64 {
  const bytes = v128.load(at)
  const controls = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(9)), i8x16.splat(4))
  const others = v128.or(i8x16.eq(bytes, i8x16.splat(32)), i8x16.eq(bytes, i8x16.splat(0)))
  return u64(u32(i8x16.bitmask(v128.or(controls, others))))
}

/**
 * Lists the addresses of the set bits of a block and returns the end of the list. Up to 28 more
 * bytes are written.
 */
@inline
function listEdges(block: usize, bits: u64, list: usize): usize {
  const end = list + (usize(popcnt(bits)) << 2)
  for (; list < end; list += 32) {
    for (let i: usize = 0; i < 32; i += 4) {
      store<u32>(list + i, u32(block) + u32(ctz(bits)))
      bits &= bits - 1
    }
  }
  return end
}

/**
 * Adds the `count` listed words to `result`. At the end-of-line token it stops and returns false.
 */
function addWords(model: Model, count: usize, result: usize): bool {
  const hashes = model.room
  const edges = model.room + EDGES_AT
  const entries = model.room + ENTRIES_AT
  for (let i: usize = 0; i < count; i++) {
    const start: usize = load<u32>(edges + (i << 3))
    const length = usize(load<u32>(edges + (i << 3), 4)) - start
    store<u64>(hashes + (i << 3), length <= CACHED_BYTES ? hashWord(start, length) : UNCACHED)
  }
  touchSets(model, hashes, count)
  for (let i: usize = 0; i < count; i++) {
    store<u32>(entries + (i << 2), entryOf(model, load<u64>(hashes + (i << 3))))
  }
  touchSums(model, entries, count)
  let a = v128.load(result)
  let b = v128.load(result, 16)
  let c = v128.load(result, 32)
  let d = v128.load(result, 48)
  let goesOn = true
  for (let i: usize = 0; i < count; i++) {
    const hash = load<u64>(hashes + (i << 3))
    const entry: usize = load<u32>(entries + (i << 2))
    const key = load<u64>(model.cacheKeys + (entry << 3))
    let sum = sumOf(model, key)
    let own = u32(key & MAX_ROWS)
    // Not cached, or evicted meanwhile.
    if (((key ^ hash) & TAG) != 0) {
      const start: usize = load<u32>(edges + (i << 3))
      own = findRows(model, start, load<u32>(edges + (i << 3), 4), hash)
      sum = found
      if (own == STOP) {
        goesOn = false
        break
      }
    } else if ((key & MET) == 0) store<u64>(model.cacheKeys + (entry << 3), key | MET)
    a = f32x4.add(a, v128.load(sum))
    b = f32x4.add(b, v128.load(sum, 16))
    c = f32x4.add(c, v128.load(sum, 32))
    d = f32x4.add(d, v128.load(sum, 48))
    rows += own
  }
  v128.store(result, a)
  v128.store(result, b, 16)
  v128.store(result, c, 32)
  v128.store(result, d, 48)
  return goesOn
}

/**
 * Receives values that are loaded only to warm the cache, so that the loads are not optimised away.
 */
let touched: u32 = 0

/**
 * Brings the sets of these hashes into the nearest processor cache. It is a separate loop because
 * the fewer instructions one look-up takes, the more of them are fetched at the same time. Reads up
 * to three more hashes, whatever they are.
 */
function touchSets(model: Model, hashes: usize, count: usize): void {
  const keys = model.cacheKeys
  const mask = model.setMask
  let sum: u32 = 0
  for (const end = hashes + (count << 3); hashes < end; hashes += 32) {
    sum ^= load<u32>(keys + (usize(load<u32>(hashes) & mask) << 5))
    sum ^= load<u32>(keys + (usize(load<u32>(hashes, 8) & mask) << 5))
    sum ^= load<u32>(keys + (usize(load<u32>(hashes, 16) & mask) << 5))
    sum ^= load<u32>(keys + (usize(load<u32>(hashes, 24) & mask) << 5))
  }
  touched = sum
}

/**
 * The same for the sums of entries. Entries past this batch are those of an earlier one, or zero.
 */
function touchSums(model: Model, entries: usize, count: usize): void {
  const keys = model.cacheKeys
  let sum: u32 = 0
  for (const end = entries + (count << 2); entries < end; entries += 16) {
    sum ^= load<u32>(sumOf(model, load<u64>(keys + (usize(load<u32>(entries)) << 3))))
    sum ^= load<u32>(sumOf(model, load<u64>(keys + (usize(load<u32>(entries, 4)) << 3))))
    sum ^= load<u32>(sumOf(model, load<u64>(keys + (usize(load<u32>(entries, 8)) << 3))))
    sum ^= load<u32>(sumOf(model, load<u64>(keys + (usize(load<u32>(entries, 12)) << 3))))
  }
  touched = sum
}

/** The entry of the word's set that has its hash, or the last one of the set. */
@inline
function entryOf(model: Model, hash: u64): u32 {
  const set = u32(hash) & model.setMask
  const keys = model.cacheKeys + (usize(set) << 5)
  const tag = i64x2.splat(TAG)
  const wanted = i64x2.splat(hash & TAG)
  const low = i64x2.eq(v128.and(v128.load(keys), tag), wanted)
  const high = i64x2.eq(v128.and(v128.load(keys, 16), tag), wanted)
  const matches = u32(i64x2.bitmask(low)) | (u32(i64x2.bitmask(high)) << 2)
  return (set << 2) | ctz(matches | 8)
}

/** Where `findRows` found the sum of the word. */
let found: usize = 0

/**
 * Returns the number of the word's rows, whose sum is then at `found`, or STOP. Looks in the cache
 * again, because other words of the batch may have been the same word or may have evicted it.
 */
function findRows(model: Model, start: usize, end: usize, hash: u64): u32 {
  const spare = model.room + SPARE_AT
  found = spare
  if (hash == UNCACHED) return sumWord(model, start, end, spare)
  const known = load<u64>(model.cacheKeys + (usize(entryOf(model, hash)) << 3))
  if (((known ^ hash) & TAG) == 0) {
    found = sumOf(model, known)
    return u32(known & MAX_ROWS)
  }
  const own = sumWord(model, start, end, spare)
  if (own > MAX_ROWS) return own
  const entry = model.cacheKeys + (usize(freeEntry(model, u32(hash) & model.setMask)) << 3)
  const old = load<u64>(entry)
  const place = old == 0 ? u64(model.cached++) : (old >> PLACE_SHIFT) & PLACE_MASK
  const key = (hash & TAG) | (place << PLACE_SHIFT) | u64(own)
  const sum = sumOf(model, key)
  v128.store(sum, v128.load(spare))
  v128.store(sum, v128.load(spare, 16), 16)
  v128.store(sum, v128.load(spare, 32), 32)
  v128.store(sum, v128.load(spare, 48), 48)
  store<u64>(entry, key)
  return own
}

/** Address of the sum that belongs to a key. */
@inline
function sumOf(model: Model, key: u64): usize {
  return model.cacheSums + (usize((key >> PLACE_SHIFT) & PLACE_MASK) << 6)
}

let turn: u32 = 0

/**
 * An entry of the set that is free or of a word that has not occurred again. If all have, their
 * marks are cleared and the entries are evicted in turn.
 */
function freeEntry(model: Model, set: u32): u32 {
  const keys = model.cacheKeys + (usize(set) << 5)
  for (let i: u32 = 0; i < 4; i++) if (load<u64>(keys + (usize(i) << 3)) == 0) return (set << 2) | i
  for (let i: u32 = 0; i < 4; i++)
    if ((load<u64>(keys + (usize(i) << 3)) & MET) == 0) return (set << 2) | i
  for (let i: usize = 0; i < 32; i += 8) store<u64>(keys + i, load<u64>(keys + i) & ~MET)
  return (set << 2) | (++turn & 3)
}

/**
 * A 64-bit hash of up to 64 bytes. Every 8 bytes pass two mixing rounds before the next ones: after
 * only one, words that differ in a few capitals can be equal. The top bit is set, so no hash equals
 * an empty entry.
 */
@inline
function hashWord(at: usize, length: usize): u64 {
  let hash = u64(length) * 0x9e3779b97f4a7c15
  for (; length > 16; at += 16, length -= 16) hash = mixPair(hash, v128.load(at))
  const own = i8x16.gt_s(
    i8x16.splat(i8(length)),
    i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
  )
  return mixPair(hash, v128.and(v128.load(at), own)) | 0x8000000000000000
}

@inline
function mixPair(hash: u64, bytes: v128): u64 {
  hash = mix(mix(hash ^ i64x2.extract_lane(bytes, 0)))
  return mix(mix(hash ^ i64x2.extract_lane(bytes, 1)))
}

@inline
function mix(x: u64): u64 {
  x *= 0xbf58476d1ce4e5b9
  return x ^ (x >> 32)
}
