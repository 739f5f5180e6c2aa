// What byte-pair encoding works with: the vocabulary, tables made of it, and the ids it writes.

/** The vocabulary as the encoder needs it. Merges are pairs of ids; all arrays of one length. */
export interface BpeTable {
  /** Id per code point, -1 where no piece is this one character. */
  readonly characters: Int32Array
  /** Id per byte, for characters without a piece. They are in no merge. */
  readonly byteIds: Int32Array
  readonly merges: {
    readonly left: Int32Array
    readonly right: Int32Array
    readonly merged: Int32Array
    /** Lower is merged first; below 2^24. */
    readonly rank: Int32Array
  }
  /** UTF-8 of every piece that merging can make, for `joinTable`. */
  readonly pieces: readonly Uint8Array[]
  /** Texts that are always one token, as UTF-8. */
  readonly whole: readonly { readonly bytes: Uint8Array; readonly id: number }[]
}

/** Ids being written; `ids` is replaced by a larger array when it is full. */
export interface TokenSink {
  ids: Uint32Array
  length: number
}

/** Appends the ids of `bytes[start, end)` to `sink`. */
export type BpeEncoder = (bytes: Uint8Array, start: number, end: number, sink: TokenSink) => void

/** A sink with room for some ids. */
export function tokenSink(capacity = 1 << 12): TokenSink {
  return { ids: new Uint32Array(capacity), length: 0 }
}

/** Appends one id. */
export function pushToken(sink: TokenSink, id: number): void {
  makeRoom(sink, 1)
  sink.ids[sink.length++] = id
}

/** Sees to it that so many more ids fit. */
export function makeRoom(sink: TokenSink, extra: number): void {
  if (sink.length + extra <= sink.ids.length) return
  const grown = new Uint32Array(Math.max(sink.ids.length * 2, sink.length + extra))
  grown.set(sink.ids.subarray(0, sink.length))
  sink.ids = grown
}

/** 1 at `a | (b << 8)` where byte b may follow byte a without a cut between them. */
export function joinTable(pieces: readonly Uint8Array[]): Uint8Array {
  const joins = new Uint8Array(1 << 16)
  joins.fill(1, 0x80 << 8, 0xc0 << 8)
  for (const piece of pieces) {
    for (let at = 1; at < piece.length; at++) joins[piece[at - 1]! | (piece[at]! << 8)] = 1
  }
  return joins
}

/** Places in a slot of `mergeSlots`. */
export const MERGED = 2
export const RANK = 3

/**
 * Merges by pair, open addressing over a power of two of slots: both ids, the id they become, the
 * rank; -1 four times where a slot is free. The kernel looks them up the same way.
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

/** Place of this pair in the slots, or of the free slot where it would be. */
export function slotOf(slots: Int32Array, a: number, b: number): number {
  const mask = slots.length / 4 - 1
  let slot = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 0
  slot = (slot ^ (slot >>> 15)) & mask
  while (slots[slot * 4]! >= 0 && (slots[slot * 4] !== a || slots[slot * 4 + 1] !== b))
    slot = (slot + 1) & mask
  return slot * 4
}
