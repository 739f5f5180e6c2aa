import type { Partition } from '../../core/connector.ts'
import type { SkipReport } from '../../core/report.ts'
import type { SourceRun } from '../plan/plan.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import { partitionFolder, segmentBase, sourceFolder } from '../segments/work-folder.ts'
import type { SpoolFile } from './grouping.ts'
import { skipCounter } from './skips.ts'
import { removeOtherLayouts, scatterSource } from './stage-grouped.ts'
import { rememberChain, type StageOptions, stagePartition } from './stage-partition.ts'

/** Result of the stage step for one source. */
export interface StagedSource {
  readonly source: SourceRun
  readonly segments: readonly SegmentRef[]
  /** Documents that passed the row filters. */
  readonly kept: number
  readonly skipped: readonly SkipReport[]
  /** Messages about damaged inputs that ended a partition early. */
  readonly problems: readonly string[]
  /**
   * Whether the watchdog quarantined a document, so that the outcome may differ on another machine.
   */
  readonly timedOut: boolean
}

/**
 * Stages every partition of every source, resuming where earlier executions stopped. Segments are
 * numbered in reading order, over all sources.
 */
export async function stageSources(options: StageOptions): Promise<StagedSource[]> {
  const staged = await Promise.all(
    options.plan.sources.map((source) =>
      stageSource(options, source, options.partitions[source.index] ?? []),
    ),
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
      const outcome = await stagePartition(
        options,
        source,
        partitionFolder(folder, partition),
        partition,
        spools,
      )
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
      const base = segmentBase(place, record.index, record.chain)
      segments.push({ number: 0, source: source.index, base, kept: record.counts.kept })
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

async function stageGrouped(
  options: StageOptions,
  source: SourceRun,
  folder: string,
  partitions: readonly Partition[],
): Promise<StagedSource> {
  const { layout, buckets, spools, skipped, problems } = await scatterSource(
    options,
    source,
    folder,
    partitions,
  )
  const gathered = await stagePartitions(options, source, layout, buckets, spools)
  await removeOtherLayouts(options.plan.storage, folder, layout)
  const skips = skipCounter()
  skips.merge(skipped)
  skips.merge(gathered.skipped)
  return { ...gathered, skipped: skips.list(), problems: [...problems, ...gathered.problems] }
}
