// The compiled version of reference.ts. Text goes through one window of the kernels' memory; ids
// come back through another.

import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import {
  type BpeEncoder,
  type BpeTable,
  joinTable,
  makeRoom,
  mergeSlots,
  type TokenSink,
} from './bpe-table.ts'
import { wordEncoder } from './bpe-word.ts'
import { aroundWhole, wordEnd } from './reference.ts'

interface Functions {
  encodeBpe(from: number, end: number, last: number, out: number, tables: number): number
}

const WINDOW_BYTES = 1 << 18
/** Longer words are left to the reference: see WORD_BYTES in ./assembly.ts. */
const WORD_BYTES = 128
/** Room after the ids for stores of the kernel that are wider than what it means to write. */
const SLACK_BYTES = 32
const SLOT_BYTES = 64
const CACHE_SLOTS = 1 << 18

/**
 * Prepares the tables of a vocabulary, which takes about 0.1 s and 20 MB for 64,000 pieces. The
 * kernels' memory holds the tables and the cache of one encoder, the one that ran last. The cache
 * has `cacheSlots` slots for words (a power of two).
 */
export function bpeEncoder(table: BpeTable, cacheSlots = CACHE_SLOTS): BpeEncoder {
  const { encodeBpe } = kernelFunctions<Functions>('encodeBpe')
  const joins = joinTable(table.pieces)
  const merges = mergeSlots(table.merges)
  const encodeLong = wordEncoder(table, merges)
  const parts: EncoderParts = {
    joins,
    characters: table.characters,
    byteIds: table.byteIds,
    merges,
    cacheSlots,
  }

  /** Encodes the complete words of `bytes[start, stop)` and returns the position reached. */
  const encodeWindow = (
    bytes: Uint8Array,
    start: number,
    stop: number,
    end: number,
    sink: TokenSink,
  ): number => {
    const { text, ids, tables, counted } = placed(parts)
    kernelMemory().bytes.set(bytes.subarray(start, stop), text)
    const shift = text - start
    for (let from = start; ; ) {
      const reached =
        encodeBpe(from + shift, stop + shift, Number(stop === end), ids.byteOffset, tables) - shift
      const count = counted[0]!
      makeRoom(sink, count)
      sink.ids.set(ids.subarray(0, count), sink.length)
      sink.length += count
      if (stop - reached <= WORD_BYTES) return reached
      from = wordEnd(bytes, reached, end, joins)
      encodeLong(bytes, reached, from, sink)
      if (from >= stop) return from
    }
  }
  return aroundWhole(table.whole, (bytes, start, end, sink) => {
    for (let at = start; at < end; )
      at = encodeWindow(bytes, at, Math.min(end, at + WINDOW_BYTES), end, sink)
  })
}

interface EncoderParts {
  readonly joins: Uint8Array
  readonly characters: Int32Array
  readonly byteIds: Int32Array
  readonly merges: Int32Array
  readonly cacheSlots: number
}

/** What all encoders of a thread share. */
interface Windows {
  /** Addresses of the window of text, and of the `tables` that are passed to ./assembly.ts. */
  readonly text: number
  readonly tables: number
  readonly ids: Uint32Array
  /** Number of ids that the last call wrote. */
  readonly counted: Uint32Array
  readonly scratch: number
}

let windows: Windows | undefined
let owner: EncoderParts | undefined
let region = { address: 0, bytes: 0 }

/** Returns the windows. Unless these tables are placed already, places them with an empty cache. */
function placed(parts: EncoderParts): Windows {
  windows ??= openWindows()
  if (owner !== parts) {
    place(parts, windows)
    owner = parts
  }
  return windows
}

function openWindows(): Windows {
  const memory = kernelMemory()
  const tables = memory.reserve(36)
  const ids = memory.reserve(WINDOW_BYTES * 4 + SLACK_BYTES)
  return {
    text: memory.reserve(WINDOW_BYTES),
    tables,
    ids: new Uint32Array(memory.bytes.buffer, ids, WINDOW_BYTES),
    counted: new Uint32Array(memory.bytes.buffer, tables + 32, 1),
    scratch: memory.reserve(WORD_BYTES * 8),
  }
}

function place(
  { joins, characters, byteIds, merges, cacheSlots }: EncoderParts,
  { tables, scratch }: Windows,
): void {
  const { bytes } = kernelMemory()
  const sources = [joins, characters, byteIds, merges]
  const cacheBytes = cacheSlots * SLOT_BYTES
  const needed = sources.reduce((sum, source) => sum + source.byteLength, cacheBytes)
  // Regions double in size, so that all outgrown ones together are no larger than the last one.
  if (needed > region.bytes) region = reserveRegion(2 ** Math.ceil(Math.log2(needed)))
  const cache = region.address
  bytes.fill(0, cache, cache + cacheBytes)
  let next = cache + cacheBytes
  const addresses = sources.map((source) => {
    bytes.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength), next)
    next += source.byteLength
    return next - source.byteLength
  })
  const mergeMask = merges.length / 4 - 1
  new Uint32Array(bytes.buffer, tables, 8).set([
    ...addresses,
    mergeMask,
    cache,
    cacheSlots - 1,
    scratch,
  ])
}

const reserveRegion = (bytes: number): typeof region => ({
  address: kernelMemory().reserve(bytes),
  bytes,
})
