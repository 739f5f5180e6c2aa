import type { Context } from '../../src/core/component.ts'
import type { JsonObject } from '../../src/core/document.ts'
import { readBzip2 } from '../../src/files/compression/bzip2/bzip2.ts'

/**
 * What a partition is: the part of a file in which its pages begin. Compressed bytes, if it is
 * compressed.
 */
export type Range = JsonObject & {
  readonly path: string
  /** How messages call the file. */
  readonly label: string
  readonly packed: boolean
  readonly start: number
  readonly end: number
}

/**
 * A place in a dump: `skip` bytes of XML behind a byte of a plain file, or behind a bit where a
 * bzip2 block begins.
 */
export type Place = { readonly at: number; readonly skip: number }

/** A stretch of XML, or a hole in it. */
export type Chunk = {
  /** Place of the first byte. */
  readonly place: Place
  /** Whether it lies inside the range; behind it, chunks are only read to finish a page. */
  readonly inside: boolean
} & (
  | { readonly bytes: Uint8Array }
  /** What is wrong here; the next chunk is not the continuation of the one before. */
  | { readonly damage: string }
  /** What is wrong with the file; no chunk follows. */
  | { readonly cut: string }
)

/**
 * Reads on and on, from a place or from the start of the range, beyond its end, up to the end of
 * the file.
 */
export function readChunks(context: Context, range: Range, from?: Place): AsyncIterable<Chunk> {
  return range.packed ? readBlocks(context, range, from) : readPlain(context, range, from)
}

async function* readPlain(context: Context, range: Range, from?: Place): AsyncIterable<Chunk> {
  const start = from ? from.at + from.skip : range.start
  for (const [first, end, inside] of [
    [start, range.end, true],
    [Math.max(start, range.end), undefined, false],
  ] as const) {
    let at = first
    for await (const bytes of context.storage.stream(range.path, first, end)) {
      context.signal.throwIfAborted()
      yield { place: { at, skip: 0 }, inside, bytes }
      at += bytes.length
    }
  }
}

async function* readBlocks(context: Context, range: Range, from?: Place): AsyncIterable<Chunk> {
  const file = await context.storage.open(range.path)
  let skip = from?.skip ?? 0
  try {
    for await (const block of readBzip2(file, { fromBit: from?.at ?? range.start * 8 })) {
      context.signal.throwIfAborted()
      const place = { at: block.bit, skip }
      const inside = block.bit < range.end * 8
      if ('bytes' in block) yield { place, inside, bytes: block.bytes.subarray(skip) }
      else yield { ...block, place, inside }
      skip = 0
    }
  } finally {
    await file.close()
  }
}

/** A place as people read it: the byte of the file, compressed if it is. */
export function describePlace(range: Range, place: Place): string {
  return `${range.label}:${range.packed ? Math.floor(place.at / 8) : place.at + place.skip}`
}
