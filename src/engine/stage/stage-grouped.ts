import { join } from 'node:path'
import type { Partition } from '../../core/connector.ts'
import { EtlError } from '../../core/errors.ts'
import type { SkipReport } from '../../core/report.ts'
import { WorkerLost } from '../../workers/pool.ts'
import { fingerprint, type Plan, type SourceRun } from '../plan/plan.ts'
import { partitionFolder, topFolder } from '../segments/work-folder.ts'
import {
  bucketCount,
  bucketPartition,
  readSpools,
  type SpoolFile,
  type SpoolRecord,
  spoolPaths,
} from './grouping.ts'
import { skipCounter } from './skips.ts'
import { type StageOptions, unreadable } from './stage-partition.ts'

/**
 * The records of a grouping source, divided into buckets. Each bucket is a partition to be
 * gathered.
 */
export interface Scattered {
  /** Folder of the segments that are gathered from them. */
  readonly layout: string
  readonly buckets: readonly Partition[]
  readonly spools: readonly SpoolFile[]
  readonly skipped: readonly SkipReport[]
  readonly problems: readonly string[]
}

/**
 * Scatters the records of every partition into spool files, resuming where earlier executions
 * stopped.
 */
export async function scatterSource(
  options: StageOptions,
  source: SourceRun,
  folder: string,
  partitions: readonly Partition[],
): Promise<Scattered> {
  const buckets = bucketCount(partitions.reduce((sum, { bytes }) => sum + bytes, 0))
  const scattered = await Promise.all(
    partitions.map((partition) =>
      scatterPartition(options, source, join(folder, 'spool'), partition, buckets),
    ),
  )
  const spools: SpoolFile[] = []
  const skips = skipCounter()
  const problems: string[] = []
  for (const { place, records } of scattered) {
    for (const record of records) {
      spools.push({ path: spoolPaths(place, record.index).data, offsets: record.offsets })
      skips.merge(record.skipped)
      if (record.problem) problems.push(record.problem)
    }
  }
  return {
    // The spool files are part of a bucket's identity: with other input it is another partition.
    layout: join(folder, `buckets-${spoolKey(scattered)}`),
    buckets: Array.from({ length: buckets }, (_, bucket) => bucketPartition(bucket, 0)),
    spools,
    skipped: skips.list(),
    problems,
  }
}

async function scatterPartition(
  options: StageOptions,
  source: SourceRun,
  folder: string,
  partition: Partition,
  buckets: number,
): Promise<{ place: string; records: SpoolRecord[] }> {
  const place = `${partitionFolder(folder, partition)}-${buckets}`
  const { storage } = options.plan
  for (let attempt = 1; ; attempt++) {
    const records = await readSpools(storage, place)
    if (records.at(-1)?.last) {
      options.listener.onPartition(partition.bytes)
      return { place, records }
    }
    if (options.withoutReading) throw unreadable(source)
    try {
      await options.pool.run({
        type: 'scatter',
        source: source.index,
        partition,
        folder: place,
        buckets,
      })
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error
      if (attempt > 3) {
        throw new EtlError('worker-crashed', {
          where: `${source.name}/${partition.key}`,
          what: error.message,
          cause: error,
        })
      }
      options.listener.onWarning(`${source.name}/${partition.key} is retried: ${error.message}`)
    }
  }
}

function spoolKey(scattered: readonly { place: string }[]): string {
  return fingerprint(scattered.map(({ place }) => place.split('/').at(-1))).slice(0, 12)
}

/** Deletes segments that were gathered from other input. */
export async function removeOtherLayouts(
  storage: Plan['storage'],
  folder: string,
  layout: string,
): Promise<void> {
  const stale = new Set<string>()
  for (const { path } of await storage.find(folder)) {
    const top = topFolder(folder, path)
    if (top.startsWith('buckets-') && join(folder, top) !== layout) stale.add(join(folder, top))
  }
  for (const path of stale) await storage.remove(path)
}
