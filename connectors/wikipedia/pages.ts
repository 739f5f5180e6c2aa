import type { Context } from '../../src/core/component.ts'
import { type Place, type Range, readChunks } from './chunks.ts'

/** What the search for pages yields, in order of the file. */
export type Found = {
  /** Where it starts. */
  readonly start: Place
  /** Where reading resumes after it. */
  readonly next: Place
} /** From `<page` to `</page>`; valid until the next item is requested. */ & (
  | { readonly page: Uint8Array }
  /** A page longer than the limit, skipped. */
  | { readonly oversized: true }
  /** A damaged stretch of the file. A page that it cuts is lost. */
  | { readonly damage: string }
  /** The file ends here, inside a page. */
  | { readonly cut: string }
  /** No page starts here, but reading has advanced to `next`. */
  | { readonly progress: true }
)

const OPEN = Buffer.from('<page')
const CLOSE = Buffer.from('</page>')
const SPACE = 0x20
const GREATER = 0x3e

/**
 * Yields the pages that start inside a range, in order. A page belongs to the range that holds its
 * first byte, so ranges of any size together yield every page once. Pages are found by their tags
 * alone: `<` is always escaped in the text of a dump, and entities are never resolved.
 */
export async function* readPages(
  context: Context,
  range: Range,
  options: { readonly from?: Place; readonly maxPageBytes: number },
): AsyncIterable<Found> {
  // Bytes not yet consumed: the start of a page that continues in the next chunk, or a few bytes
  // that may be the start of a tag.
  let rest: Buffer = Buffer.alloc(0)
  let restPlace: Place = { at: 0, skip: 0 }
  /** How many bytes of `rest` are inside the range. */
  let restInside = 0
  let state: 'between' | 'page' | 'oversized' = 'between'

  for await (const chunk of readChunks(context, range, options.from)) {
    if (!('bytes' in chunk)) {
      const inPage = state !== 'between'
      if (!inPage && !chunk.inside) return
      const start = inPage ? restPlace : chunk.place
      if ('cut' in chunk) yield { start, next: chunk.place, cut: chunk.cut }
      else yield { start, next: chunk.place, damage: chunk.damage }
      if (!chunk.inside) return
      rest = Buffer.alloc(0)
      restInside = 0
      state = 'between'
      continue
    }
    const { place } = chunk
    const buffer: Buffer =
      rest.length > 0 ? Buffer.concat([rest, chunk.bytes]) : asBuffer(chunk.bytes)
    const before = rest.length
    const inside = restInside + (chunk.inside ? chunk.bytes.length : 0)
    const placeOf = (offset: number): Place =>
      offset < before ? restPlace : { at: place.at, skip: place.skip + offset - before }
    let at = 0
    let found = 0
    for (;;) {
      if (state === 'between') {
        at = findOpen(buffer, at)
        if (at >= inside && !chunk.inside) return
        if (at + OPEN.length >= buffer.length) break
        restPlace = placeOf(at)
        state = 'page'
      }
      // Earlier chunks were already searched for the end of the page, so the search starts in this
      // one.
      const end = buffer.indexOf(CLOSE, Math.max(at, before - CLOSE.length))
      if (end === -1) break
      const past = end + CLOSE.length
      const next = placeOf(past)
      found++
      if (state === 'oversized') yield { start: restPlace, next, oversized: true }
      else if (past - at > options.maxPageBytes) yield { start: restPlace, next, oversized: true }
      else yield { start: restPlace, next, page: buffer.subarray(at, past) }
      state = 'between'
      at = past
    }
    if (state === 'page' && buffer.length - at > options.maxPageBytes) state = 'oversized'
    if (state === 'oversized') at = Math.max(at, buffer.length - CLOSE.length)
    else if (state === 'between') restPlace = placeOf(at)
    rest = Buffer.from(buffer.subarray(at))
    restInside = Math.max(0, inside - at)
    if (found === 0 && state === 'between') yield { start: place, next: restPlace, progress: true }
  }
  if (state === 'between') return
  yield { start: restPlace, next: restPlace, cut: 'the file ends inside a page' }
}

/** Offset of the next `<page`, or of the first byte that may belong to an incomplete tag. */
function findOpen(buffer: Buffer, from: number): number {
  for (let at = buffer.indexOf(OPEN, from); at !== -1; at = buffer.indexOf(OPEN, at + 1)) {
    const next = buffer[at + OPEN.length]
    if (next === undefined || next === GREATER || next <= SPACE) return at
  }
  return Math.max(from, buffer.length - OPEN.length)
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
