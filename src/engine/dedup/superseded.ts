import type { Columns, NumberColumn } from '../../arrow/columns.ts'
import { readArrowFile } from '../../arrow/reader.ts'
import { type TextColumn, textAt } from '../../core/batch.ts'
import { growingMemory } from '../../core/growing-memory.ts'
import type { Storage } from '../../core/storage.ts'
import { DIGEST_BYTES, rowDigests } from '../../kernels/sha256/sha256.ts'
import { KEPT } from '../segments/ledger.ts'
import { segmentPaths } from '../segments/segment.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import { spillFiles } from './spill.ts'

/**
 * Place of a document that passed the row filters: the number of its segment in the run and its row
 * in that segment's ledger.
 */
export interface Place {
  readonly segment: number
  readonly row: number
}

/** A set of places, with one bit per ledger row. */
export interface PlaceSet {
  has(segment: number, row: number): boolean
  add(segment: number, row: number): void
  /** The rows of one segment, in ascending order. */
  rowsOf(segment: number): number[]
  readonly size: number
}

/** An empty set. It takes one bit per row of every segment that has members. */
export function placeSet(): PlaceSet {
  const bits = new Map<number, Uint8Array>()
  let size = 0
  return {
    has: (segment, row) => (((bits.get(segment)?.[row >> 3] ?? 0) >> (row & 7)) & 1) === 1,
    add(segment, row) {
      let bytes = bits.get(segment) ?? new Uint8Array(64)
      while (bytes.length <= row >> 3) {
        const grown = new Uint8Array(bytes.length * 2)
        grown.set(bytes)
        bytes = grown
      }
      bytes[row >> 3] = (bytes[row >> 3] ?? 0) | (1 << (row & 7))
      bits.set(segment, bytes)
      size++
    },
    rowsOf(segment) {
      const rows: number[] = []
      for (const [index, byte] of (bits.get(segment) ?? []).entries()) {
        for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) rows.push(index * 8 + bit)
      }
      return rows
    },
    get size() {
      return size
    },
  }
}

/** Bytes of id records per bucket, which are compared in memory. */
const BUCKET_BYTES = 32 << 20

/**
 * An id record: SHA-256 of the id cut to 16 bytes, segment, row, and the time of the version in
 * milliseconds.
 */
const HASH_BYTES = 16
const RECORD_BYTES = 32

/**
 * Finds superseded versions of documents among those that passed the row filters. Of the documents
 * with one id, the newest by `revised` stays; of equally new ones, the one read last. Ids are
 * compared by a 128-bit hash, in buckets on disk that fit in memory.
 */
export async function findSuperseded(
  storage: Storage,
  folder: string,
  segments: readonly SegmentRef[],
  documents: number,
): Promise<PlaceSet> {
  const buckets = Math.max(1, Math.ceil((documents * RECORD_BYTES) / BUCKET_BYTES))
  const spill = spillFiles(storage, folder, buckets)
  const recordsOf = idRecords()
  const memory = growingMemory()
  for (const segment of segments) {
    let first = 0
    for await (const { rows, columns } of readArrowFile(
      storage,
      segmentPaths(segment.base).ledger,
      memory,
    )) {
      const records = recordsOf(columns, segment.number, first)
      const each = buckets === 1 ? records.length : RECORD_BYTES
      const view = new DataView(records.buffer, records.byteOffset)
      for (let start = 0; start < records.length; start += each) {
        const full = spill.add(
          view.getUint32(start, true) % buckets,
          records.subarray(start, start + each),
        )
        if (full) await full
      }
      first += rows
    }
  }
  const superseded = placeSet()
  for (let bucket = 0; bucket < buckets; bucket++) markOlder(await spill.take(bucket), superseded)
  return superseded
}

/**
 * Returns a function that makes the id records of the ledger rows that passed the row filters.
 * `first` is the number of the first row.
 */
function idRecords() {
  const digestsOf = rowDigests(new Uint8Array(0))
  return (columns: Columns, segment: number, first: number): Uint8Array => {
    const digests = digestsOf(columns.id as TextColumn)
    const step = columns.step as NumberColumn
    const times = timesOf(columns.revised as TextColumn)
    const records = new Uint8Array(times.length * RECORD_BYTES)
    const view = new DataView(records.buffer)
    let at = 0
    for (let row = 0; row < times.length; row++) {
      if (step[row] !== KEPT) continue
      for (let byte = 0; byte < HASH_BYTES; byte++)
        records[at + byte] = digests[row * DIGEST_BYTES + byte] ?? 0
      view.setUint32(at + HASH_BYTES, segment, true)
      view.setUint32(at + HASH_BYTES + 4, first + row, true)
      view.setFloat64(at + HASH_BYTES + 8, times[row] ?? 0, true)
      at += RECORD_BYTES
    }
    return records.subarray(0, at)
  }
}

/** Milliseconds since 1970 of each date; 0 for a missing or invalid one. */
function timesOf({ bytes, offsets }: TextColumn): Float64Array {
  const times = new Float64Array(offsets.length - 1)
  for (let row = 0; row < times.length; row++) {
    if (offsets[row] !== offsets[row + 1])
      times[row] = Date.parse(textAt({ bytes, offsets }, row)) || 0
  }
  return times
}

/** Marks all but the newest version of each id in one bucket. Records are in reading order. */
function markOlder(records: Uint8Array, superseded: PlaceSet): void {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const timeAt = (start: number): number => view.getFloat64(start + HASH_BYTES + 8, true)
  /**
   * Hash table with open addressing: offset of the newest record of each id. At most half of the
   * slots are used.
   */
  const slots = new Int32Array(
    2 ** Math.ceil(Math.log2((2 * records.length) / RECORD_BYTES + 1)),
  ).fill(-1)
  for (let start = 0; start < records.length; start += RECORD_BYTES) {
    // The first word of the hash already chose the bucket.
    let slot = view.getUint32(start + 4, true) & (slots.length - 1)
    while ((slots[slot] ?? -1) >= 0 && !sameId(view, slots[slot] ?? 0, start))
      slot = (slot + 1) & (slots.length - 1)
    const other = slots[slot] ?? -1
    const isOlder = other >= 0 && timeAt(start) < timeAt(other)
    const older = isOlder ? start : other
    if (older >= 0) {
      superseded.add(
        view.getUint32(older + HASH_BYTES, true),
        view.getUint32(older + HASH_BYTES + 4, true),
      )
    }
    if (!isOlder) slots[slot] = start
  }
}

function sameId(view: DataView, a: number, b: number): boolean {
  for (let at = 0; at < HASH_BYTES; at += 4)
    if (view.getUint32(a + at) !== view.getUint32(b + at)) return false
  return true
}
