import { createHash } from 'node:crypto'
import { bytesAt, textAt } from '../core/batch.ts'
import type { Storage } from '../core/storage.ts'
import type { SegmentRef } from './publish-task.ts'
import { segmentPaths } from './segment.ts'
import { isKept, readLedger } from './segment-reader.ts'
import { spillFiles } from './spill.ts'

/** A document that passed the row filters, by place: segments in order, ledger rows in order. */
export interface Place {
  readonly segment: number
  readonly row: number
}

/** A set of places, a bit a ledger row. */
export interface PlaceSet {
  has(segment: number, row: number): boolean
  add(segment: number, row: number): void
  /** The rows of one segment, ascending. */
  rowsOf(segment: number): number[]
  readonly size: number
}

/** An empty set; memory is one bit a row of the segments that have members. */
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

/** Bytes of id records that are compared in memory at a time. */
const BUCKET_BYTES = 32 << 20

/** SHA-256 cut to 16 bytes, segment, row, and the time of the version in milliseconds. */
const RECORD_BYTES = 32

/**
 * Older versions of documents whose id was met again, among those that passed the row filters: the newest `revised`
 * stays, of equal ones the last read. Ids are compared by 128-bit hash, in disk buckets that fit in memory.
 */
export async function findSuperseded(
  storage: Storage,
  folder: string,
  segments: readonly SegmentRef[],
  documents: number,
): Promise<PlaceSet> {
  const buckets = Math.max(1, Math.ceil((documents * RECORD_BYTES) / BUCKET_BYTES))
  const spill = spillFiles(storage, folder, buckets)
  for (const segment of segments) {
    let first = 0
    for await (const ledger of readLedger(storage, segmentPaths(segment.base).ledger)) {
      for (let row = 0; row < ledger.rows; row++) {
        if (!isKept(ledger, row)) continue
        const record = new Uint8Array(RECORD_BYTES)
        const view = new DataView(record.buffer)
        record.set(createHash('sha256').update(bytesAt(ledger.id, row)).digest().subarray(0, 16))
        view.setUint32(16, segment.number, true)
        view.setUint32(20, first + row, true)
        view.setFloat64(24, Date.parse(textAt(ledger.revised, row)) || 0, true)
        await spill.add(view.getUint32(0, true) % buckets, record)
      }
      first += ledger.rows
    }
  }
  const superseded = placeSet()
  for (let bucket = 0; bucket < buckets; bucket++) markOlder(await spill.take(bucket), superseded)
  return superseded
}

interface Version extends Place {
  readonly time: number
}

/** Within one bucket: all but the newest version of each id. Records are in reading order. */
function markOlder(records: Uint8Array, superseded: PlaceSet): void {
  const newest = new Map<string, Version>()
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (let start = 0; start < records.length; start += RECORD_BYTES) {
    const key = Buffer.from(records.buffer, records.byteOffset + start, 16).toString('latin1')
    const version: Version = {
      segment: view.getUint32(start + 16, true),
      row: view.getUint32(start + 20, true),
      time: view.getFloat64(start + 24, true),
    }
    const other = newest.get(key)
    const older = other && (version.time < other.time ? version : other)
    if (older) superseded.add(older.segment, older.row)
    if (older !== version) newest.set(key, version)
  }
}
