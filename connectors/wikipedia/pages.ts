import type { Context } from '../../src/core/component.ts'
import { type Place, type Range, readChunks } from './chunks.ts'

/** What is found between the first and the last page of a range. */
export type Found = {
  /** Where it begins. */
  readonly start: Place
  /** Just past it. */
  readonly next: Place
} & (
  | {
      /** From `<page` to `</page>`; valid until the next one is asked for. */ readonly page: Uint8Array
    }
  /** A page longer than the limit, jumped over. */
  | { readonly oversized: true }
  /** A hole in the file; a page cut by it is lost. */
  | { readonly damage: string }
  /** The file ends here, inside a page. */
  | { readonly cut: string }
  /** Nothing begins here, but reading has come to `next`. */
  | { readonly progress: true }
)

const OPEN = Buffer.from('<page')
const CLOSE = Buffer.from('</page>')
const SPACE = 0x20
const GREATER = 0x3e

/**
 * The pages that begin inside a range, in order. A page belongs to the range that holds its first
 * byte, so ranges of any size together give every page once. Elements are found by their tags
 * alone: in dumps `<` is always escaped inside text, and no entity is ever looked up.
 */
export async function* readPages(
  context: Context,
  range: Range,
  options: { readonly from?: Place; readonly maxPageBytes: number },
): AsyncIterable<Found> {
  // The bytes not yet used: a page that goes on in the next chunk, or a few bytes that may be the
  // start of a tag.
  let rest: Buffer = Buffer.alloc(0)
  let restPlace: Place = { at: 0, skip: 0 }
  /** Bytes of `rest` that lie inside the range. */
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
      // A page is searched for its end once: what came with earlier chunks has been.
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

/** Where the next page begins, or the first byte that may belong to a tag not yet whole. */
function findOpen(buffer: Buffer, from: number): number {
  for (let at = buffer.indexOf(OPEN, from); at !== -1; at = buffer.indexOf(OPEN, at + 1)) {
    const next = buffer[at + OPEN.length]
    if (next === undefined || next === GREATER || next <= SPACE) return at
  }
  return Math.max(from, buffer.length - OPEN.length)
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
