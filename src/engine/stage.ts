import { join } from 'node:path'
import type { Partition } from '../core/connector.ts'
import { EtlError } from '../core/errors.ts'
import type { SkipReport } from '../core/report.ts'
import { bucketCount, bucketPartition, readSpools, type SpoolFile, type SpoolRecord, spoolPaths } from './grouping.ts'
import { fingerprint, type Plan, type SourceRun } from './plan.ts'
import { WorkerLost, type WorkerPool } from './pool.ts'
import type { WorkerNews } from './protocol.ts'
import type { SegmentRef } from './publish-task.ts'
import { type ChainInfo, chainInfo, chainKey, planRechaining } from './rechain.ts'
import { skipCounter } from './skips.ts'
import {
  partitionFolder,
  readJson,
  readRecords,
  type SegmentRecord,
  segmentBase,
  sourceFolder,
  topFolder,
  writeJson,
} from './work-folder.ts'

/** What the stage step leaves of one source. */
export interface StagedSource {
  readonly source: SourceRun
  readonly segments: readonly SegmentRef[]
  /** Documents that passed the row filters. */
  readonly kept: number
  readonly skipped: readonly SkipReport[]
  /** Damaged inputs that ended a partition early. */
  readonly problems: readonly string[]
  /** Whether a document was set aside by the clock: the outcome may differ on another machine. */
  readonly timedOut: boolean
}

/** What the stage step tells the run. */
export interface StageListener {
  /** Input bytes of all partitions known so far. */
  onPlanned(bytes: number): void
  /** A finished partition, in input bytes. */
  onPartition(bytes: number): void
  onSegment(record: SegmentRecord, resumed: boolean): void
  onWarning(message: string): void
}

export interface StageOptions {
  readonly plan: Plan
  readonly pool: WorkerPool
  readonly listener: StageListener
  /** By source index. */
  readonly partitions: readonly (readonly Partition[])[]
  /** Refuse to read any source: everything must come from earlier segments. */
  readonly withoutReading: boolean
}

/** Brings every partition of every source to its end, going on where earlier tries stopped. */
export async function stageSources(options: StageOptions): Promise<StagedSource[]> {
  const staged = await Promise.all(
    options.plan.sources.map((source) => stageSource(options, source, options.partitions[source.index] ?? [])),
  )
  let number = 0
  return staged.map((source) => ({
    ...source,
    segments: source.segments.map((segment) => ({ ...segment, number: number++ })),
  }))
}

async function stageSource(
  options: StageOptions,
  source: SourceRun,
  partitions: readonly Partition[],
): Promise<StagedSource> {
  const folder = sourceFolder(options.plan.work, source)
  options.listener.onPlanned(partitions.reduce((sum, { bytes }) => sum + bytes, 0))
  await rememberChain(options.plan, source, folder)
  return source.connector.grouping
    ? stageGrouped(options, source, folder, partitions)
    : stagePartitions(options, source, folder, partitions)
}

async function stagePartitions(
  options: StageOptions,
  source: SourceRun,
  folder: string,
  partitions: readonly Partition[],
  spools?: readonly SpoolFile[],
): Promise<StagedSource> {
  const outcomes = await Promise.all(
    partitions.map(async (partition) => {
      const outcome = await stagePartition(options, source, partitionFolder(folder, partition), partition, spools)
      options.listener.onPartition(partition.bytes)
      return outcome
    }),
  )
  const skips = skipCounter()
  const problems: string[] = []
  const segments: SegmentRef[] = []
  let kept = 0
  for (const { folder: place, records } of outcomes) {
    for (const record of records) {
      kept += record.counts.kept
      skips.merge(record.skipped)
      if (record.problem) problems.push(record.problem)
      segments.push({ number: 0, source: source.index, base: segmentBase(place, record.index, record.chain) })
    }
  }
  return {
    source,
    segments,
    kept,
    skipped: skips.list(),
    problems,
    timedOut: outcomes.some(({ timedOut }) => timedOut),
  }
}

interface PartitionOutcome {
  readonly folder: string
  readonly records: readonly SegmentRecord[]
  readonly timedOut: boolean
}

async function stagePartition(
  options: StageOptions,
  source: SourceRun,
  folder: string,
  partition: Partition,
  spools?: readonly SpoolFile[],
): Promise<PartitionOutcome> {
  const { storage } = options.plan
  const chain = chainKey(chainInfo(source.steps, source.corpusSteps))
  const records = await rechainRecords(options, source, folder, await readRecords(storage, folder, chain), chain)
  for (const record of records) options.listener.onSegment(record, true)
  const asideFile = join(folder, 'set-aside.json')
  const quarantined = new Map((await readJson<[string, string][]>(storage, asideFile)) ?? [])
  let careful = false
  let suspect = ''
  let attempts = 0
  while (!records.at(-1)?.last) {
    if (options.withoutReading) throw unreadable(source)
    const before = records.length
    suspect = ''
    const from = records.at(-1)?.cursor
    try {
      await options.pool.run(
        {
          type: 'stage',
          source: source.index,
          partition,
          folder,
          firstIndex: records.length,
          ...(from === undefined ? {} : { from }),
          ...(spools ? { spools } : {}),
          quarantined: [...quarantined],
          careful,
        },
        (news: WorkerNews) => {
          if (news.type === 'document') suspect = news.id
          if (news.type !== 'segment') return
          records.push(news.record)
          options.listener.onSegment(news.record, false)
        },
      )
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error
      attempts = records.length > before ? 1 : attempts + 1
      if (suspect) {
        const reason = error.reason === 'timeout' ? 'error:timeout' : 'error:crash'
        quarantined.set(suspect, reason)
        await writeJson(storage, asideFile, [...quarantined])
        options.listener.onWarning(`${suspect} was set aside: ${error.message}`)
      } else if (attempts > 3) {
        throw new EtlError('worker-crashed', {
          where: `${source.name}/${partition.key}`,
          what: error.message,
          cause: error,
        })
      } else options.listener.onWarning(`${source.name}/${partition.key} is tried again: ${error.message}`)
      careful = !suspect
    }
  }
  return { folder, records, timedOut: [...quarantined.values()].includes('error:timeout') }
}

/** Turns segments of an earlier chain into segments of this one, or leaves out what has to be read again. */
async function rechainRecords(
  { plan, pool }: StageOptions,
  source: SourceRun,
  folder: string,
  records: SegmentRecord[],
  chain: string,
): Promise<SegmentRecord[]> {
  const current = chainInfo(source.steps, source.corpusSteps)
  const usable: SegmentRecord[] = []
  for (const record of records) {
    if (record.chain === chain) {
      usable.push(record)
      continue
    }
    const old = await readJson<ChainInfo>(plan.storage, chainPath(sourceFolder(plan.work, source), record.chain))
    const rechaining = old && planRechaining(old, current)
    if (!rechaining) break
    const counts = await pool.run({ type: 'rechain', source: source.index, folder, record, ...rechaining })
    usable.push({ ...record, chain, counts })
  }
  if (usable.length < records.length || usable.some((record, index) => record.chain !== records[index]?.chain)) {
    if (usable.length > 0) await readRecords(plan.storage, folder, chain)
    else await plan.storage.remove(folder)
  }
  return usable
}

const chainPath = (folder: string, chain: string): string => join(folder, 'chains', `${chain}.json`)

/** Writes down what a chain fingerprint stands for, before the first segment bears it. */
async function rememberChain({ storage }: Plan, { steps, corpusSteps }: SourceRun, folder: string): Promise<void> {
  const info = chainInfo(steps, corpusSteps)
  const path = chainPath(folder, chainKey(info))
  if (!(await storage.stat(path))) await writeJson(storage, path, info)
}

async function stageGrouped(
  options: StageOptions,
  source: SourceRun,
  folder: string,
  partitions: readonly Partition[],
): Promise<StagedSource> {
  const { storage } = options.plan
  const buckets = bucketCount(partitions.reduce((sum, { bytes }) => sum + bytes, 0))
  const scattered = await Promise.all(
    partitions.map((partition) => scatterPartition(options, source, join(folder, 'spool'), partition, buckets)),
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
  // The layout of the spool is part of a bucket's identity: with other input it is another partition.
  const layout = join(folder, `buckets-${spoolKey(scattered)}`)
  const parts = Array.from({ length: buckets }, (_, bucket) => bucketPartition(bucket, 0))
  const gathered = await stagePartitions(options, source, layout, parts, spools)
  skips.merge(gathered.skipped)
  await removeOtherLayouts(storage, folder, layout)
  return { ...gathered, skipped: skips.list(), problems: [...problems, ...gathered.problems] }
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
      await options.pool.run({ type: 'scatter', source: source.index, partition, folder: place, buckets })
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error
      if (attempt > 3) {
        throw new EtlError('worker-crashed', {
          where: `${source.name}/${partition.key}`,
          what: error.message,
          cause: error,
        })
      }
      options.listener.onWarning(`${source.name}/${partition.key} is tried again: ${error.message}`)
    }
  }
}

function spoolKey(scattered: readonly { place: string }[]): string {
  return fingerprint(scattered.map(({ place }) => place.split('/').at(-1))).slice(0, 12)
}

async function removeOtherLayouts(storage: Plan['storage'], folder: string, layout: string): Promise<void> {
  const stale = new Set<string>()
  for (const { path } of await storage.find(folder)) {
    const top = topFolder(folder, path)
    if (top.startsWith('buckets-') && join(folder, top) !== layout) stale.add(join(folder, top))
  }
  for (const path of stale) await storage.remove(path)
}

function unreadable({ name }: SourceRun): EtlError {
  return new EtlError('corpus-missing', {
    where: name,
    what: 'this change cannot be applied to what is in the work folder',
    hint: 'Run `etl run`: it reads again only the sources that need it.',
  })
}
