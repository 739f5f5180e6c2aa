// Sums the rows of a fastText model for a word and its character n-grams. Same rows as
// ./reference.ts.

/**
 * Prepared by the host: see `placeModel` in ./kernel.ts. Rows have 16 numbers, padded with zeros.
 */
@unmanaged
export class Model {
  rows: usize
  wordCount: u32
  /** Open addressing by FNV-1a: word number + 1, or 0. */
  wordTable: usize
  wordMask: u32
  wordOffsets: usize
  wordBytes: usize
  /** Sixteen zeros. */
  noRow: usize
  /** One bit per bucket, set if its row was kept. */
  keptBits: usize
  /**
   * For each 64 bits, how many bits are set before them. Kept rows follow the words in bucket
   * order.
   */
  keptRanks: usize
  buckets: u32
  /** 2^shift / buckets, between 2^31 and 2^32: for remainders without division. */
  reciprocal: u32
  shift: u32
  minn: u32
  maxn: u32
  /**
   * Sets of four entries. Each entry holds the upper 36 bits of the word's hash, 18 bits for the
   * index of its sum, 1 bit for whether the word occurred again, and 9 bits for its number of rows.
   */
  cacheKeys: usize
  /** In the order of their arrival: frequent words come early, so their sums lie together. */
  cacheSums: usize
  /** Number of sums. */
  cached: u32
  setMask: u32
  /** Room for LIST_LENGTH u32. */
  list: usize
  /** Room for twice CHARACTERS bytes and 17 times four u32. */
  characters: usize
  /** Room for the ROOM bytes of ./kernel.ts, which ./assembly.ts uses. */
  room: usize
}

const FNV_BASIS: u32 = 2166136261
const FNV_PRIME: u32 = 16777619
/** Longest word that is cached and whose n-grams are hashed four at a time, in bytes. */
export const CACHED_BYTES: usize = 64
/** N-grams that are collected before their rows are added. */
const LIST_LENGTH: usize = 4096
/** Returned by `sumWord` for the end-of-line token, after which fastText reads no further. */
export const STOP: u32 = 0xffffffff

/**
 * Stores the sum of the word's rows at `sum` and returns their number, or STOP. Temporarily
 * overwrites the bytes before and after the word with `<` and `>`, then restores them.
 */
export function sumWord(model: Model, start: usize, end: usize, sum: usize): u32 {
  if (end - start == 4 && load<u32>(start) == 0x3e732f3c) return STOP // </s>
  const word = findWord(model, start, end)
  const from = word < 0 ? model.noRow : model.rows + (usize(word) << 6)
  v128.store(sum, v128.load(from))
  v128.store(sum, v128.load(from, 16), 16)
  v128.store(sum, v128.load(from, 32), 32)
  v128.store(sum, v128.load(from, 48), 48)
  if (word < 0 && isLabel(start, end)) return 0
  const before = load<u8>(start - 1)
  const after = load<u8>(end)
  store<u8>(start - 1, 0x3c)
  store<u8>(end, 0x3e)
  const count =
    end - start <= CACHED_BYTES && model.maxn <= SHORT_NGRAM
      ? splitCharacters(model, start - 1, end + 1)
      : 0
  const ngrams =
    count > 0 ? addShortNgrams(model, count, sum) : addNgrams(model, start - 1, end + 1, sum)
  store<u8>(start - 1, before)
  store<u8>(end, after)
  return ngrams + u32(word >= 0)
}

/** Words that start with two underscores, `label` and two underscores count as labels. */
@inline
function isLabel(start: usize, end: usize): bool {
  return end - start >= 9 && load<u64>(start) == 0x5f6c6562616c5f5f && load<u8>(start + 8) == 0x5f
}

/** Number of the word [start, end) in the vocabulary, or -1. */
function findWord(model: Model, start: usize, end: usize): i32 {
  let hash = FNV_BASIS
  for (let at = start; at < end; at++) hash = (hash ^ u32(i32(load<i8>(at)))) * FNV_PRIME
  let slot = hash & model.wordMask
  let word = load<u32>(model.wordTable + (usize(slot) << 2))
  while (word != 0) {
    const offsets = model.wordOffsets + (usize(word - 1) << 2)
    const first = load<u32>(offsets)
    const length = load<u32>(offsets + 4) - first
    if (length == u32(end - start) && memory.compare(model.wordBytes + first, start, length) == 0)
      return word - 1
    slot = (slot + 1) & model.wordMask
    word = load<u32>(model.wordTable + (usize(slot) << 2))
  }
  return -1
}

/**
 * Longest n-grams that are hashed four at a time. LIST_LENGTH has room for all n-grams of such a
 * word.
 */
const SHORT_NGRAM: u32 = 16
/** Characters of a word of CACHED_BYTES with `<` and `>`, and what is read beyond them. */
const CHARACTERS: usize = 64 + 2 + 30

/**
 * Writes the first and second byte of each character of [from, to), 0 if there is no second.
 * Returns the number of characters, or 0 if one has more than two bytes.
 */
function splitCharacters(model: Model, from: usize, to: usize): usize {
  let firsts = model.characters
  for (let at = from; at < to; firsts++) {
    const byte: u32 = load<u8>(at)
    const wide = isContinuation(at + 1, to)
    if (wide && isContinuation(at + 2, to)) return 0
    store<u8>(firsts, byte)
    store<u8>(firsts, wide ? load<u8>(at + 1) : 0, CHARACTERS)
    at += 1 + usize(wide)
  }
  return firsts - model.characters
}

/**
 * Like `addNgrams`, for a word in split characters: the n-grams that start at four characters are
 * hashed side by side.
 */
function addShortNgrams(model: Model, count: usize, sum: usize): u32 {
  const characters = model.characters
  const buckets = characters + 2 * CHARACTERS
  const keptBits = model.keptBits
  const maxn = model.maxn
  let last = model.list
  for (let first: usize = 0; first < count; first += 4) {
    let hashes = i32x4.splat(FNV_BASIS)
    const longest = min(maxn, u32(count - first))
    for (let n: u32 = 1; n <= longest; n++) {
      const at = characters + first + usize(n) - 1
      hashes = i32x4.mul(v128.xor(hashes, fourBytes(at)), i32x4.splat(FNV_PRIME))
      const seconds = fourBytes(at + CHARACTERS)
      if (v128.any_true(seconds)) {
        const both = i32x4.mul(v128.xor(hashes, seconds), i32x4.splat(FNV_PRIME))
        hashes = v128.bitselect(hashes, both, i32x4.eq(seconds, i32x4.splat(0)))
      }
      v128.store(buckets + (usize(n) << 4), remainders(model, hashes))
    }
    for (let i = first; i < min(first + 4, count); i++) {
      const edge = i == 0 || i == count - 1
      const end = min(maxn, u32(count - i))
      for (let n: u32 = max<u32>(model.minn, edge ? 2 : 1); n <= end; n++) {
        const bucket: u32 = load<u32>(buckets + (usize(n) << 4) + ((i - first) << 2))
        store<u32>(last, bucket)
        last += usize((load<u8>(keptBits + usize(bucket >> 3)) >> u8(bucket & 7)) & 1) << 2
      }
    }
  }
  return addListed(model, model.list, last, sum)
}

/** Four bytes as signed numbers. */
@inline
function fourBytes(at: usize): v128 {
  return i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(at)))
}

/** Four hashes modulo the number of buckets. */
@inline
function remainders(model: Model, hashes: v128): v128 {
  const buckets = i32x4.splat(model.buckets)
  const reciprocal = i32x4.splat(model.reciprocal)
  const low = i64x2.shr_u(i64x2.extmul_low_i32x4_u(hashes, reciprocal), i32(model.shift))
  const high = i64x2.shr_u(i64x2.extmul_high_i32x4_u(hashes, reciprocal), i32(model.shift))
  const quotients = v128.shuffle<i32>(low, high, 0, 2, 4, 6)
  const rest = i32x4.sub(hashes, i32x4.mul(quotients, buckets))
  return i32x4.sub(rest, v128.and(buckets, i32x4.ge_u(rest, buckets)))
}

/**
 * Adds the rows of all n-grams of [from, to), which includes `<` and `>`, to `sum`. Lists the
 * buckets first, without a branch on whether they were kept, because it is never predicted well.
 */
function addNgrams(model: Model, from: usize, to: usize, sum: usize): u32 {
  const list = model.list
  const minn = model.minn
  const maxn = model.maxn
  const buckets = model.buckets
  const reciprocal = u64(model.reciprocal)
  const shift = u64(model.shift)
  const keptBits = model.keptBits
  const full = list + ((LIST_LENGTH - usize(maxn)) << 2)
  let rows: u32 = 0
  let last = list
  for (let first = from; first < to; ) {
    let hash = FNV_BASIS
    let at = first
    let next = to
    for (let n: u32 = 1; n <= maxn && at < to; n++) {
      do {
        hash = (hash ^ u32(i32(load<i8>(at)))) * FNV_PRIME
        at++
      } while (isContinuation(at, to))
      if (n == 1) {
        next = at
        if (first == from || at == to) continue
      }
      if (n >= minn) {
        let bucket = hash - u32((u64(hash) * reciprocal) >> shift) * buckets
        if (bucket >= buckets) bucket -= buckets
        store<u32>(last, bucket)
        last += usize((load<u8>(keptBits + usize(bucket >> 3)) >> u8(bucket & 7)) & 1) << 2
      }
    }
    first = next
    if (last > full) {
      rows += addListed(model, list, last, sum)
      last = list
    }
  }
  return rows + addListed(model, list, last, sum)
}

@inline
function isContinuation(at: usize, to: usize): bool {
  return at < to && (load<u8>(at) & 0xc0) == 0x80
}

/** Adds the rows of the listed buckets and returns their number. */
function addListed(model: Model, list: usize, last: usize, sum: usize): u32 {
  let a = v128.load(sum)
  let b = v128.load(sum, 16)
  let c = v128.load(sum, 32)
  let d = v128.load(sum, 48)
  for (let at = list; at < last; at += 4) {
    const row = rowOf(model, load<u32>(at))
    a = f32x4.add(a, v128.load(row))
    b = f32x4.add(b, v128.load(row, 16))
    c = f32x4.add(c, v128.load(row, 32))
    d = f32x4.add(d, v128.load(row, 48))
  }
  v128.store(sum, a)
  v128.store(sum, b, 16)
  v128.store(sum, c, 32)
  v128.store(sum, d, 48)
  return u32((last - list) >> 2)
}

/** Address of the row of a kept bucket. */
@inline
function rowOf(model: Model, bucket: u32): usize {
  const group = usize(bucket >> 6)
  const before = (u64(1) << u64(bucket & 63)) - 1
  const rank =
    load<u32>(model.keptRanks + (group << 2)) +
    u32(popcnt(load<u64>(model.keptBits + (group << 3)) & before))
  return model.rows + (usize(model.wordCount + rank) << 6)
}
