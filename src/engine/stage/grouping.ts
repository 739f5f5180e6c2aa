import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Connector, Cursor, Item, Partition, SourceRecord } from '../../core/connector.ts'
import { EtlError, isEtlError } from '../../core/errors.ts'
import type { SkipReport } from '../../core/report.ts'
import type { Storage } from '../../core/storage.ts'
import { readJson, writeJson } from '../segments/work-folder.ts'
import { quarantine } from './quarantine.ts'
import { skipCounter } from './skips.ts'

/**
 * Grouping of records into documents, for example posts into threads. First the records of a source
 * are scattered into buckets by the hash of their key. They are written to spool files, each with
 * all buckets one after the other, and this can be resumed. Then every bucket is gathered from all
 * spool files and assembled into documents.
 */

/** Target size of a bucket in bytes of records; gathering holds up to twice as much in memory. */
const BUCKET_BYTES = 48 << 20

/** Bytes of records per spool file, that is between two checkpoints. */
const SPOOL_BYTES = 32 << 20

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * Number of buckets of a source with this many input bytes. It is part of the layout of the work
 * folder, so it depends only on the input.
 */
export function bucketCount(inputBytes: number): number {
  return Math.min(4096, Math.max(1, Math.ceil((inputBytes * 2) / BUCKET_BYTES)))
}

/** Commit record of a spool file, with the position of each bucket in it. */
export interface SpoolRecord {
  readonly index: number
  readonly cursor: Cursor
  readonly last: boolean
  readonly records: number
  readonly skipped: readonly SkipReport[]
  readonly problem?: string
  /** Start of each bucket, in bytes, and the end of the last one. */
  readonly offsets: readonly number[]
}

/** Paths of a spool file and of its commit record. */
export function spoolPaths(folder: string, index: number): { data: string; record: string } {
  const base = join(folder, `${String(index).padStart(6, '0')}.spool`)
  return { data: base, record: `${base}.done.json` }
}

/** Reads the commit records of a partition's spool files, up to the first gap. */
export async function readSpools(storage: Storage, folder: string): Promise<SpoolRecord[]> {
  const records: SpoolRecord[] = []
  for (let index = 0; ; index++) {
    const record = await readJson<SpoolRecord>(storage, spoolPaths(folder, index).record)
    if (record === undefined) return records
    records.push(record)
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/**
 * Reads a partition from where the earlier spool files end and writes the next ones. Yields each
 * record once its file is durable.
 */
export async function* scatter(
  storage: Storage,
  connector: Connector,
  partition: Partition,
  folder: string,
  buckets: number,
): AsyncIterable<SpoolRecord> {
  const { grouping } = connector
  if (!grouping) throw new Error('only grouping connectors are scattered')
  const done = await readSpools(storage, folder)
  const previous = done.at(-1)
  if (previous?.last) return
  let index = done.length
  let cursor = previous?.cursor
  let spool = openSpool(storage, folder, index, buckets)
  let problem: string | undefined
  const commit = async (last: boolean): Promise<SpoolRecord> => {
    const written = await spool.commit({
      index,
      cursor: cursor ?? null,
      last,
      ...(problem ? { problem } : {}),
    })
    index++
    spool = openSpool(storage, folder, index, buckets)
    return written
  }
  try {
    for await (const item of connector.read(partition, cursor)) {
      cursor = item.cursor
      if ('record' in item)
        spool.add(hashOf(grouping.key(item.record)).readUInt32LE(0) % buckets, item.record)
      else if ('skipped' in item) spool.skip(item)
      else if ('document' in item)
        throw new Error('a grouping connector yields records, not documents')
      if (spool.full()) yield await commit(false)
    }
  } catch (error) {
    if (!isEtlError(error) || error.code !== 'input-corrupt') throw error
    problem = error.message
    spool.skip({ skipped: 'input-corrupt', where: error.message })
  }
  yield await commit(true)
}

function openSpool(storage: Storage, folder: string, index: number, buckets: number) {
  const lines: string[][] = Array.from({ length: buckets }, () => [])
  const skips = skipCounter()
  let bytes = 0
  let items = 0
  let records = 0
  const paths = spoolPaths(folder, index)
  const aside = quarantine(storage, `${paths.data}.quarantine.jsonl`)
  return {
    add(bucket: number, record: SourceRecord): void {
      const line = JSON.stringify(record)
      lines[bucket]?.push(line)
      bytes += line.length + 1
      items++
      records++
    },
    skip(item: { skipped: string; where: string; raw?: Uint8Array }): void {
      skips.add(item)
      items++
      if (item.raw) aside.addRaw(item.skipped, item.where, item.raw)
    },
    full: () => bytes >= SPOOL_BYTES || items >= 2_000_000,
    async commit(head: {
      index: number
      cursor: Cursor
      last: boolean
      problem?: string
    }): Promise<SpoolRecord> {
      const file = await storage.create(paths.data, { mode: 0o600 })
      const offsets = [0]
      let position = 0
      for (const bucket of lines) {
        if (bucket.length > 0) {
          const data = encoder.encode(`${bucket.join('\n')}\n`)
          await file.write(data)
          position += data.length
        }
        offsets.push(position)
      }
      await file.commit()
      await aside.commit()
      const record = { ...head, records, skipped: skips.list(), offsets }
      await writeJson(storage, paths.record, record)
      return record
    },
  }
}

/** A bucket as a partition, which `gather` reads. */
export function bucketPartition(bucket: number, bytes: number): Partition {
  return { key: `bucket-${String(bucket).padStart(4, '0')}`, bytes, spec: { bucket } }
}

/** The part of a spool file's record that gathering needs. */
export interface SpoolFile {
  readonly path: string
  readonly offsets: readonly number[]
}

/**
 * Assembles the documents of one bucket. Keys come in the order in which they first occur. A bucket
 * larger than twice the target size is read several times, each time for another part of its keys.
 */
export async function* gather(
  storage: Storage,
  connector: Connector,
  bucket: number,
  spools: readonly SpoolFile[],
  from: Cursor | undefined,
): AsyncIterable<Item> {
  const { grouping } = connector
  if (!grouping) throw new Error('only grouping connectors are gathered')
  const size = spools.reduce(
    (sum, { offsets }) => sum + (offsets[bucket + 1] ?? 0) - (offsets[bucket] ?? 0),
    0,
  )
  const passes = Math.max(1, Math.ceil(size / (2 * BUCKET_BYTES)))
  const start = (from as { pass: number; results: number } | undefined) ?? { pass: 0, results: 0 }
  for (let pass = start.pass; pass < passes; pass++) {
    const groups = new Map<string, SourceRecord[]>()
    for await (const record of bucketRecords(storage, bucket, spools)) {
      const key = grouping.key(record)
      if (passes > 1 && hashOf(key).readUInt32LE(4) % passes !== pass) continue
      const group = groups.get(key)
      if (group) group.push(record)
      else groups.set(key, [record])
    }
    let results = 0
    for (const [key, records] of groups) {
      for (const result of grouping.assemble(records)) {
        results++
        if (pass === start.pass && results <= start.results) continue
        yield { cursor: { pass, results }, ...result }
      }
      groups.delete(key)
    }
  }
}

async function* bucketRecords(
  storage: Storage,
  bucket: number,
  spools: readonly SpoolFile[],
): AsyncIterable<SourceRecord> {
  for (const { path, offsets } of spools) {
    const [start = 0, end = 0] = [offsets[bucket], offsets[bucket + 1]]
    if (end === start) continue
    const handle = await storage.open(path)
    try {
      for (const line of decoder.decode(await handle.read(start, end - start)).split('\n')) {
        if (line !== '') yield JSON.parse(line) as SourceRecord
      }
    } catch (cause) {
      throw new EtlError('corpus-invalid', { where: path, what: 'a spool file is damaged', cause })
    } finally {
      await handle.close()
    }
  }
}
