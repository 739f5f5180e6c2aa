// Merges the characters of one word, which is what lies between two cuts of reference.ts.
import { type BpeEncoder, type BpeTable, MERGED, makeRoom, RANK, slotOf } from './bpe-table.ts'

/**
 * An encoder for one word per call: the bytes between two cuts. Takes time n log n, however long
 * the word.
 */
export function wordEncoder(table: BpeTable, slots: Int32Array): BpeEncoder {
  return (bytes, start, end, sink) => {
    makeRoom(sink, end - start)
    const ids = sink.ids.subarray(sink.length)
    const count = splitCharacters(bytes, start, end, table, ids)
    sink.length += mergeSymbols(ids, count, slots)
  }
}

/**
 * Writes the id of each character, or the ids of its bytes if it has no piece. Returns how many.
 */
function splitCharacters(
  bytes: Uint8Array,
  start: number,
  end: number,
  table: BpeTable,
  ids: Uint32Array,
): number {
  let count = 0
  for (let at = start; at < end; ) {
    const size = characterSize(bytes, at, end)
    const id = size === 0 ? -1 : table.characters[codePoint(bytes, at, size)]!
    const stop = at + Math.max(1, size)
    if (id >= 0) ids[count++] = id
    else for (let byte = at; byte < stop; byte++) ids[count++] = table.byteIds[bytes[byte]!]!
    at = stop
  }
  return count
}

/** Length in bytes of the character that starts here, 0 if none does. */
function characterSize(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!
  if (first < 0x80) return 1
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || at + size > end) return 0
  for (let index = 1; index < size; index++) if ((bytes[at + index]! & 0xc0) !== 0x80) return 0
  const point = codePoint(bytes, at, size)
  const least = size === 4 ? 0x10000 : size === 3 ? 0x800 : 0x80
  return point < least || point > 0x10ffff ? 0 : size
}

function codePoint(bytes: Uint8Array, at: number, size: number): number {
  let point = size === 1 ? bytes[at]! : bytes[at]! & (0x7f >> size)
  for (let index = 1; index < size; index++) point = (point << 6) | (bytes[at + index]! & 0x3f)
  return point
}

/**
 * Merges neighbours until none can be merged. The remaining ids are at the start of `ids`; returns
 * their number.
 */
function mergeSymbols(ids: Uint32Array, count: number, slots: Int32Array): number {
  const next = new Int32Array(count)
  const previous = new Int32Array(count)
  const dead = new Uint8Array(count)
  const heap = rankHeap(count)
  const mergeAt = (at: number): number => slotOf(slots, ids[at]!, ids[next[at]!]!)
  const consider = (at: number): void => {
    if (at < 0 || next[at]! >= count) return
    const rank = slots[mergeAt(at) + RANK]!
    if (rank >= 0) heap.push(rank, at)
  }
  for (let at = 0; at < count; at++) {
    next[at] = at + 1
    previous[at] = at - 1
  }
  for (let at = 0; at < count; at++) consider(at)
  while (heap.pop()) {
    const at = heap.place
    const after = next[at]!
    if (dead[at] === 1 || after >= count || slots[mergeAt(at) + RANK] !== heap.rank) continue
    ids[at] = slots[mergeAt(at) + MERGED]!
    dead[after] = 1
    next[at] = next[after]!
    if (next[at]! < count) previous[next[at]!] = at
    consider(previous[at]!)
    consider(at)
  }
  let length = 0
  for (let at = 0; at < count; at = next[at]!) ids[length++] = ids[at]!
  return length
}

/** A binary heap of (rank, place), ordered by rank, then by place. */
function rankHeap(capacity: number) {
  // Both fit into one double: ranks stay below 2^24, places below 2^26.
  let keys = new Float64Array(Math.max(16, capacity * 2))
  let size = 0
  const PLACES = 2 ** 26
  return {
    rank: 0,
    place: 0,
    push(rank: number, place: number): void {
      if (size === keys.length) {
        const grown = new Float64Array(size * 2)
        grown.set(keys)
        keys = grown
      }
      const key = rank * PLACES + place
      let at = size++
      while (at > 0) {
        const parent = (at - 1) >> 1
        if (keys[parent]! <= key) break
        keys[at] = keys[parent]!
        at = parent
      }
      keys[at] = key
    },
    /** Moves the smallest entry into `rank` and `place`; returns false when empty. */
    pop(): boolean {
      if (size === 0) return false
      const top = keys[0]!
      this.rank = Math.floor(top / PLACES)
      this.place = top - this.rank * PLACES
      const key = keys[--size]!
      let at = 0
      for (;;) {
        let child = at * 2 + 1
        if (child >= size) break
        if (child + 1 < size && keys[child + 1]! < keys[child]!) child++
        if (keys[child]! >= key) break
        keys[at] = keys[child]!
        at = child
      }
      keys[at] = key
      return true
    },
  }
}
