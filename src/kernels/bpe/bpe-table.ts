// The data of byte-pair encoding: the vocabulary, tables built from it, and the ids that it writes.

/**
 * The vocabulary as the encoder needs it. Merges are pairs of ids; their arrays all have the same
 * length.
 */
export interface BpeTable {
  /** Id per code point, -1 if no piece is this one character. */
  readonly characters: Int32Array
  /** Id per byte, for characters without a piece. These ids are in no merge. */
  readonly byteIds: Int32Array
  readonly merges: {
    readonly left: Int32Array
    readonly right: Int32Array
    readonly merged: Int32Array
    /** Lower ranks merge first; below 2^24. */
    readonly rank: Int32Array
  }
  /** UTF-8 of every piece that merging can produce, for `joinTable`. */
  readonly pieces: readonly Uint8Array[]
  /** Texts that are always one token, as UTF-8. */
  readonly whole: readonly { readonly bytes: Uint8Array; readonly id: number }[]
}

/** Ids being written. `ids` is replaced by a larger array when it is full. */
export interface TokenSink {
  ids: Uint32Array
  length: number
}

/** Appends the ids of `bytes[start, end)` to `sink`. */
export type BpeEncoder = (bytes: Uint8Array, start: number, end: number, sink: TokenSink) => void

/** A sink with initial room for `capacity` ids. */
export function tokenSink(capacity = 1 << 12): TokenSink {
  return { ids: new Uint32Array(capacity), length: 0 }
}

/** Appends one id. */
export function pushToken(sink: TokenSink, id: number): void {
  makeRoom(sink, 1)
  sink.ids[sink.length++] = id
}

/** Ensures that `extra` more ids fit. */
export function makeRoom(sink: TokenSink, extra: number): void {
  if (sink.length + extra <= sink.ids.length) return
  const grown = new Uint32Array(Math.max(sink.ids.length * 2, sink.length + extra))
  grown.set(sink.ids.subarray(0, sink.length))
  sink.ids = grown
}

/** 1 at `a | (b << 8)` if byte b may follow byte a without a cut between them. */
export function joinTable(pieces: readonly Uint8Array[]): Uint8Array {
  const joins = new Uint8Array(1 << 16)
  joins.fill(1, 0x80 << 8, 0xc0 << 8)
  for (const piece of pieces) {
    for (let at = 1; at < piece.length; at++) joins[piece[at - 1]! | (piece[at]! << 8)] = 1
  }
  return joins
}

/** Offset of the merged id in a slot of `mergeSlots`. */
export const MERGED = 2
/** Offset of the rank in a slot of `mergeSlots`. */
export const RANK = 3

/**
 * A hash table of merges by pair: open addressing over a power of two of slots. A slot holds both
 * ids, the id they become, and the rank; a free one holds -1 four times. The kernel uses the same
 * table.
 */
export function mergeSlots({ left, right, merged, rank }: BpeTable['merges']): Int32Array {
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, left.length * 2)))
  const slots = new Int32Array(size * 4).fill(-1)
  for (let index = 0; index < left.length; index++) {
    const slot = slotOf(slots, left[index]!, right[index]!)
    if (slots[slot]! >= 0 && slots[slot + RANK]! <= rank[index]!) continue
    slots.set([left[index]!, right[index]!, merged[index]!, rank[index]!], slot)
  }
  return slots
}

/** Index of the slot of this pair, or of the free slot where it would be. */
export function slotOf(slots: Int32Array, a: number, b: number): number {
  const mask = slots.length / 4 - 1
  let slot = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 0
  slot = (slot ^ (slot >>> 15)) & mask
  while (slots[slot * 4]! >= 0 && (slots[slot * 4] !== a || slots[slot * 4 + 1] !== b))
    slot = (slot + 1) & mask
  return slot * 4
}
