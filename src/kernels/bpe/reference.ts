/**
 * Byte-pair encoding of UTF-8 bytes, as SentencePiece does it: characters are merged pair by pair,
 * the merge of lowest rank first, and the leftmost of equal rank.
 *
 * A text is first cut where no piece of the vocabulary can reach across (`joinTable`: does any
 * piece hold this byte next to that one, at a character boundary?). That is exact for every
 * vocabulary, and in practice cuts between words.
 *
 * This is the reference; the rest of the project calls kernel.ts.
 */
import { type BpeEncoder, type BpeTable, joinTable, mergeSlots, pushToken } from './bpe-table.ts'
import { wordEncoder } from './bpe-word.ts'

/** The encoder in plain TypeScript, which merges every word again, without a cache. */
export function referenceBpeEncoder(table: BpeTable): BpeEncoder {
  const joins = joinTable(table.pieces)
  const encodeWord = wordEncoder(table, mergeSlots(table.merges))
  return aroundWhole(table.whole, (bytes, start, end, sink) => {
    for (let at = start; at < end; ) {
      const stop = wordEnd(bytes, at, end, joins)
      encodeWord(bytes, at, stop, sink)
      at = stop
    }
  })
}

/** The first position after `start` that no piece reaches across. */
export function wordEnd(bytes: Uint8Array, start: number, end: number, joins: Uint8Array): number {
  let at = start + 1
  while (at < end && joins[bytes[at - 1]! | (bytes[at]! << 8)] === 1) at++
  return at
}

/** Applies `encode` to the text between texts that are always one token. */
export function aroundWhole(whole: BpeTable['whole'], encode: BpeEncoder): BpeEncoder {
  const wholeAt = wholeMatcher(whole)
  if (!wholeAt) return encode
  return (bytes, start, end, sink) => {
    let from = start
    for (let at = start; at < end; at++) {
      const match = wholeAt(bytes, at, end)
      if (!match) continue
      encode(bytes, from, at, sink)
      pushToken(sink, match.id)
      from = at + match.bytes.length
      at = from - 1
    }
    encode(bytes, from, end, sink)
  }
}

function wholeMatcher(whole: BpeTable['whole']) {
  if (whole.length === 0) return undefined
  const byFirst = new Map<number, BpeTable['whole'][number][]>()
  for (const entry of [...whole].sort((a, b) => b.bytes.length - a.bytes.length)) {
    const first = entry.bytes[0]!
    byFirst.set(first, [...(byFirst.get(first) ?? []), entry])
  }
  return (bytes: Uint8Array, at: number, end: number) => {
    const candidates = byFirst.get(bytes[at]!)
    if (!candidates) return undefined
    return candidates.find((candidate) => {
      if (at + candidate.bytes.length > end) return false
      for (let index = 0; index < candidate.bytes.length; index++) {
        if (bytes[at + index] !== candidate.bytes[index]) return false
      }
      return true
    })
  }
}
