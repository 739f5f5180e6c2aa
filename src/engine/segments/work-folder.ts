import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical-json.ts'
import type { Cursor, Partition } from '../../core/connector.ts'
import type { SkipReport } from '../../core/report.ts'
import type { Storage } from '../../core/storage.ts'
import type { SourceRun } from '../plan/plan.ts'
import type { SegmentCounts } from './segment.ts'

/** The commit record of a segment: written after its files, so what has none does not count. */
export interface SegmentRecord extends StagedSegment {
  /** Fingerprint of the filter chain that made it. */
  readonly chain: string
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** Folder of a source's segments. Another way of reading it is another folder. */
export function sourceFolder(work: string, source: SourceRun): string {
  return join(work, 'stage', `${source.name}-${source.readKey.slice(0, 12)}`)
}

/**
 * Folder of a partition's segments: its key, readable, and a hash, so that changed input is another
 * folder.
 */
export function partitionFolder(folder: string, partition: Partition): string {
  const hash = createHash('sha256').update(canonicalJson(partition)).digest('hex').slice(0, 12)
  return join(folder, `${partition.key.replaceAll('/', '_').slice(-60)}-${hash}`)
}

/** Path of a segment without its endings. */
export function segmentBase(folder: string, index: number, chain: string): string {
  return join(folder, `${String(index).padStart(6, '0')}.${chain}`)
}

/** Where the documents of a partition are noted that must not be measured. */
export const setAsidePath = (folder: string): string => join(folder, 'set-aside.json')

/** Records a segment whose files are durable. */
export function writeRecord(
  storage: Storage,
  folder: string,
  record: SegmentRecord,
): Promise<void> {
  return writeJson(storage, `${segmentBase(folder, record.index, record.chain)}.done.json`, record)
}

/**
 * The recorded segments of a partition, from the first without a gap; of two chains the wanted one.
 * Everything that is not recorded or not wanted is deleted, the list of documents that were set
 * aside excepted.
 */
export async function readRecords(
  storage: Storage,
  folder: string,
  chain: string,
): Promise<SegmentRecord[]> {
  const files = await storage.find(folder)
  const byIndex = new Map<number, SegmentRecord>()
  for (const { path } of files) {
    if (!path.endsWith('.done.json')) continue
    const record = await readJson<SegmentRecord>(storage, path)
    if (record && (record.chain === chain || !byIndex.has(record.index)))
      byIndex.set(record.index, record)
  }
  const records: SegmentRecord[] = []
  for (let index = 0; ; index++) {
    const record = byIndex.get(index)
    if (record === undefined) break
    records.push(record)
    if (record.last) break
  }
  const wanted = new Set(records.map((record) => segmentBase(folder, record.index, record.chain)))
  for (const { path } of files) {
    if (path === setAsidePath(folder)) continue
    const [index, made] = path.slice(folder.length + 1).split('.', 2)
    if (path.endsWith('.tmp') || !wanted.has(join(folder, `${index}.${made}`)))
      await storage.remove(path)
  }
  return records
}

/** The name directly below a folder that a path leads through. */
export function topFolder(folder: string, path: string): string {
  return path.slice(folder.length + 1).split('/', 1)[0] ?? ''
}

/** A small JSON file; undefined if it is missing or unreadable. */
export async function readJson<T>(storage: Storage, path: string): Promise<T | undefined> {
  const info = await storage.stat(path)
  if (info === undefined) return undefined
  const handle = await storage.open(path)
  try {
    return JSON.parse(decoder.decode(await handle.read(0, handle.size))) as T
  } catch {
    return undefined
  } finally {
    await handle.close()
  }
}

/** Writes a small JSON file durably, keys in the given order. */
export function writeJson(storage: Storage, path: string, value: unknown): Promise<void> {
  return writeText(storage, path, `${JSON.stringify(value, undefined, 2)}\n`)
}

/** Writes a small text file durably. */
export async function writeText(storage: Storage, path: string, text: string): Promise<void> {
  const file = await storage.create(path)
  try {
    await file.write(encoder.encode(text))
    await file.commit()
  } finally {
    await file.abort()
  }
}

/** What is recorded of a segment once its files are durable. */
export interface StagedSegment {
  /** Number of the segment inside its partition, from 0. */
  readonly index: number
  /** Where reading goes on after it. */
  readonly cursor: Cursor
  /** Whether the partition ends here. */
  readonly last: boolean
  readonly counts: SegmentCounts
  readonly skipped: readonly SkipReport[]
  /** Why the partition ended early, if it did. */
  readonly problem?: string
}
