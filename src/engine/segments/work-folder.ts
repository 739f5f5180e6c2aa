import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { canonicalJson } from '../../core/canonical-json.ts'
import type { Cursor, Partition } from '../../core/connector.ts'
import type { SkipReport } from '../../core/report.ts'
import type { Storage } from '../../core/storage.ts'
import type { Plan, SourceRun } from '../plan/plan.ts'
import type { SegmentCounts } from './segment.ts'

/**
 * The commit record of a segment. It is written after the segment's files, so a segment without one
 * does not count.
 */
export interface SegmentRecord extends StagedSegment {
  /** Fingerprint of the filter chain that made it. */
  readonly chain: string
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** Folder of a source's segments. Reading the source with other options uses another folder. */
export function sourceFolder(work: string, source: SourceRun): string {
  return join(work, 'stage', `${source.name}-${source.readKey.slice(0, 12)}`)
}

/**
 * Folder of a partition's segments: its key, for people, and a hash, so that changed input uses
 * another folder.
 */
export function partitionFolder(folder: string, partition: Partition): string {
  const hash = createHash('sha256').update(canonicalJson(partition)).digest('hex').slice(0, 12)
  return join(folder, `${partition.key.replaceAll('/', '_').slice(-60)}-${hash}`)
}

/** Common path of a segment's files, without their suffixes. */
export function segmentBase(folder: string, index: number, chain: string): string {
  return join(folder, `${String(index).padStart(6, '0')}.${chain}`)
}

/** File that lists the quarantined documents of a partition, which must not be measured. */
export const setAsidePath = (folder: string): string => join(folder, 'set-aside.json')

/** Writes the commit record of a segment whose files are durable. */
export function writeRecord(
  storage: Storage,
  folder: string,
  record: SegmentRecord,
): Promise<void> {
  return writeJson(storage, `${segmentBase(folder, record.index, record.chain)}.done.json`, record)
}

/**
 * Reads the commit records of a partition, up to the first gap or the last segment. If a segment
 * exists for two chains, the wanted chain wins. Deletes all other files except the list of
 * quarantined documents.
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

/** First path component of `path` below `folder`. */
export function topFolder(folder: string, path: string): string {
  return path.slice(folder.length + 1).split('/', 1)[0] ?? ''
}

/** Reads a small JSON file; undefined if it is missing or unreadable. */
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

/** Writes a small JSON file durably, with keys in the given order. */
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

/** What is recorded about a segment once its files are durable. */
export interface StagedSegment {
  /** Number of the segment inside its partition, from 0. */
  readonly index: number
  /** Where reading resumes after it. */
  readonly cursor: Cursor
  /** Whether the partition ends here. */
  readonly last: boolean
  readonly counts: SegmentCounts
  readonly skipped: readonly SkipReport[]
  /** Why the partition ended early; undefined if it did not. */
  readonly problem?: string
}

/**
 * Deletes the segments of sources that the manifest no longer has or reads with other options.
 * Called once the corpus is published.
 */
export async function removeOtherSources({ storage, work, sources }: Plan): Promise<void> {
  const wanted = new Set(sources.map((source) => sourceFolder(work, source)))
  const folder = join(work, 'stage')
  const found = new Set(
    (await storage.find(folder)).map(({ path }) => join(folder, topFolder(folder, path))),
  )
  for (const path of found) if (!wanted.has(path)) await storage.remove(path)
}
