import type { Context } from '../../src/core/component.ts'
import type { JsonObject } from '../../src/core/document.ts'
import { readBzip2 } from '../../src/files/compression/bzip2/bzip2.ts'

/**
 * The spec of a partition: the byte range of a file in which its pages start. For compressed files
 * these are compressed bytes.
 */
export type Range = JsonObject & {
  readonly path: string
  /** Name of the file in messages. */
  readonly label: string
  readonly packed: boolean
  readonly start: number
  readonly end: number
}

/**
 * A position in a dump: `skip` bytes of XML after `at`. `at` is a byte offset in a plain file, or
 * the bit offset of a bzip2 block.
 */
export type Place = { readonly at: number; readonly skip: number }

/** A stretch of XML, or a damaged one. */
export type Chunk = {
  /** Position of the first byte. */
  readonly place: Place
  /** Whether it is inside the range. Chunks after the range are only read to finish a page. */
  readonly inside: boolean
} & (
  | { readonly bytes: Uint8Array }
  /** What is damaged. The next chunk does not continue the previous one. */
  | { readonly damage: string }
  /** Why the file ends early. No chunk follows. */
  | { readonly cut: string }
)

/**
 * Reads chunks from a position, or from the start of the range, past the end of the range up to the
 * end of the file.
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

/** A position for messages: file and byte offset, in compressed bytes if the file is compressed. */
export function describePlace(range: Range, place: Place): string {
  return `${range.label}:${range.packed ? Math.floor(place.at / 8) : place.at + place.skip}`
}
