// Scatters and sorts records of 32-bit words: see ./word-records.ts, the reference.

/**
 * Copies the records [records, end) of `width` words to `out` in the order of their windows. The
 * window of a record is its word number `word` divided by `size`. Adds up the words of each window
 * in `lengths`, which must be zero at first. `places` has room for the same number of entries.
 */
export function scatterWords(
  records: usize, end: usize, width: usize, word: usize, size: u32, windows: usize,
  lengths: usize, places: usize, out: usize,
): void {
  const bytes = width << 2
  for (let at = records + (word << 2); at < end; at += bytes) {
    const length = lengths + (usize(load<u32>(at) / size) << 2)
    store<u32>(length, load<u32>(length) + u32(width))
  }
  for (let window: usize = 0, next = out; window < windows << 2; window += 4) {
    store<u32>(places + window, u32(next))
    next += usize(load<u32>(lengths + window)) << 2
  }
  for (let at = records; at < end; at += bytes) {
    const place = places + (usize(load<u32>(at + (word << 2)) / size) << 2)
    const to: usize = load<u32>(place)
    store<u32>(place, u32(to + bytes))
    copyWords(at, bytes, to)
  }
}

/**
 * Bytes of a sort entry: the first two words of a record as one number, then the address of the
 * record.
 */
const ENTRY: usize = 16

/**
 * Copies the records [records, end) of `width` words to `out`, sorted by their words. `order` and
 * `room` have space for one entry per record. Equal records need no stable order, because they
 * cannot be distinguished.
 */
export function sortWords(
  records: usize,
  end: usize,
  width: usize,
  order: usize,
  room: usize,
  out: usize,
): void {
  const bytes = width << 2
  let last = order
  for (let at = records; at < end; at += bytes, last += ENTRY) {
    const second: u64 = width > 1 ? load<u32>(at, 4) : 0
    store<u64>(last, (u64(load<u32>(at)) << 32) | second)
    store<u32>(last, u32(at), 8)
  }
  const length = last - order
  let from = order
  let to = room
  for (let run = ENTRY; run < length; run <<= 1) {
    for (let start: usize = 0; start < length; start += run << 1) {
      const middle = min(start + run, length)
      merge(from + start, from + middle, from + min(middle + run, length), to + start, bytes)
    }
    const merged = to
    to = from
    from = merged
  }
  for (let entry = from; entry < from + length; entry += ENTRY, out += bytes)
    copyWords(load<u32>(entry, 8), bytes, out)
}

/** Merges the sorted entries [left, middle) and [middle, end) to `out`. */
function merge(left: usize, middle: usize, end: usize, out: usize, bytes: usize): void {
  let right = middle
  for (; left < middle && right < end; out += ENTRY) {
    const isLeft = isBefore(left, right, bytes)
    v128.store(out, v128.load(isLeft ? left : right))
    left += isLeft ? ENTRY : 0
    right += isLeft ? 0 : ENTRY
  }
  memory.copy(out, left, middle - left)
  memory.copy(out + (middle - left), right, end - right)
}

@inline
function isBefore(a: usize, b: usize, bytes: usize): bool {
  const first = load<u64>(a)
  const second = load<u64>(b)
  return first != second ? first < second : restIsBefore(load<u32>(a, 8), load<u32>(b, 8), bytes)
}

function restIsBefore(a: usize, b: usize, bytes: usize): bool {
  for (let word: usize = 8; word < bytes; word += 4) {
    const left = load<u32>(a + word)
    const right = load<u32>(b + word)
    if (left != right) return left < right
  }
  return true
}

/** Copies words and not one byte more, because what follows may have been written already. */
@inline
function copyWords(from: usize, bytes: usize, to: usize): void {
  for (const end = from + (bytes & ~15); from < end; from += 16, to += 16)
    v128.store(to, v128.load(from))
  if (bytes & 8) {
    store<u64>(to, load<u64>(from))
    from += 8
    to += 8
  }
  if (bytes & 4) store<u32>(to, load<u32>(from))
}
