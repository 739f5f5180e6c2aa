import { join } from 'node:path'
import type { Partition } from '../../core/connector.ts'
import { EtlError } from '../../core/errors.ts'
import { WorkerLost } from '../../workers/pool.ts'
import type { Plan, SourceRun } from '../plan/plan.ts'
import {
  readJson,
  readRecords,
  type SegmentRecord,
  setAsidePath,
  sourceFolder,
  writeJson,
} from '../segments/work-folder.ts'
import type { SpoolFile } from './grouping.ts'
import type { Judgement, Unjudged } from './judge.ts'
import { type ChainInfo, chainInfo, chainKey, planRechaining } from './rechain.ts'
import type { StageWorkers } from './tasks.ts'

/** Progress of the stage step. */
export interface StageListener {
  /** Input bytes of all partitions known so far. */
  onPlanned(bytes: number): void
  /** A finished partition, in input bytes. */
  onPartition(bytes: number): void
  onSegment(record: SegmentRecord, resumed: boolean): void
  onWarning(message: string): void
}

/** Everything the stage step needs. */
export interface StageOptions {
  readonly plan: Plan
  readonly pool: StageWorkers
  readonly listener: StageListener
  /** By source index. */
  readonly partitions: readonly (readonly Partition[])[]
  /** Whether reading a source is an error: everything must come from existing segments. */
  readonly withoutReading: boolean
}

/** Result of the stage step for one partition. */
export interface PartitionOutcome {
  readonly folder: string
  readonly records: readonly SegmentRecord[]
  readonly timedOut: boolean
}

/**
 * Stages a partition to its end. A document that crashes its worker is identified and quarantined,
 * and the remaining documents are read again. Throws `worker-crashed` if workers die repeatedly
 * without progress.
 */
export async function stagePartition(
  options: StageOptions,
  source: SourceRun,
  folder: string,
  partition: Partition,
  spools?: readonly SpoolFile[],
): Promise<PartitionOutcome> {
  const { storage } = options.plan
  const chain = chainKey(chainInfo(source.steps, source.corpusSteps))
  const records = await rechainRecords(
    options,
    source,
    folder,
    await readRecords(storage, folder, chain),
    chain,
  )
  for (const record of records) options.listener.onSegment(record, true)
  const asideFile = setAsidePath(folder)
  const quarantined = new Map((await readJson<[string, string][]>(storage, asideFile)) ?? [])
  let careful = false
  let suspect = ''
  let lastSuspect = ''
  let attempts = 0
  while (!records.at(-1)?.last) {
    if (options.withoutReading) throw unreadable(source)
    const already = records.length
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
          alone: options.pool.size === 1,
        },
        (news, answer) => {
          if (news.type === 'document') suspect = news.id
          else if (news.type === 'may-hand-over') answer(options.pool.hasRoomFor('judge'))
          else if (news.type === 'hand-over')
            void judgeElsewhere(options.pool, source.index, news.batch).then(answer)
          else if (news.type === 'segment') {
            records.push(news.record)
            options.listener.onSegment(news.record, false)
          }
        },
      )
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error
      if (error.flushing) continue
      attempts = records.length > already ? 1 : attempts + 1
      // One crash may be chance: a process can be killed for lack of memory, or by hand.
      const guilty = suspect !== '' && (error.reason === 'timeout' || suspect === lastSuspect)
      lastSuspect = suspect
      if (guilty) {
        const reason = error.reason === 'timeout' ? 'error:timeout' : 'error:crash'
        quarantined.set(suspect, reason)
        attempts = 0
        await writeJson(storage, asideFile, [...quarantined])
        options.listener.onWarning(`${suspect} is quarantined: ${error.message}`)
      } else if (attempts > 3) {
        throw new EtlError('worker-crashed', {
          where: `${source.name}/${partition.key}`,
          what: error.message,
          cause: error,
        })
      } else
        options.listener.onWarning(`${source.name}/${partition.key} is retried: ${error.message}`)
      careful = !guilty
    }
  }
  return { folder, records, timedOut: [...quarantined.values()].includes('error:timeout') }
}

/**
 * Lets another worker judge a batch. Undefined if that fails for any reason: the worker that reads
 * the partition then judges the batch itself, where errors are handled.
 */
function judgeElsewhere(
  pool: StageWorkers,
  source: number,
  batch: Unjudged,
): Promise<Judgement | undefined> {
  return pool.run({ type: 'judge', source, batch }).catch(() => undefined)
}

/**
 * Converts segments of an earlier chain to the current one. Leaves out the segments from the first
 * one that has to be read again.
 */
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
    const old = await readJson<ChainInfo>(
      plan.storage,
      chainPath(sourceFolder(plan.work, source), record.chain),
    )
    const rechaining = old && planRechaining(old, current)
    if (!rechaining) break
    const counts = await pool
      .run({ type: 'rechain', source: source.index, folder, record, ...rechaining })
      .catch((error: unknown) => {
        if (error instanceof WorkerLost) return undefined
        throw error
      })
    // A document of the segment may have crashed the worker. Reading the segment again finds out
    // which.
    if (!counts) break
    usable.push({ ...record, chain, counts })
  }
  if (
    usable.length < records.length ||
    usable.some((record, index) => record.chain !== records[index]?.chain)
  ) {
    if (usable.length > 0) await readRecords(plan.storage, folder, chain)
    else await plan.storage.remove(folder)
  }
  return usable
}

const chainPath = (folder: string, chain: string): string => join(folder, 'chains', `${chain}.json`)

/** Records what a chain's fingerprint stands for, before the first segment uses it. */
export async function rememberChain(
  { storage }: Plan,
  { steps, corpusSteps }: SourceRun,
  folder: string,
): Promise<void> {
  const info = chainInfo(steps, corpusSteps)
  const path = chainPath(folder, chainKey(info))
  if (!(await storage.stat(path))) await writeJson(storage, path, info)
}

/** The error for a source that has to be read although reading is not allowed. */
export function unreadable({ name }: SourceRun): EtlError {
  return new EtlError('corpus-missing', {
    where: name,
    what: 'this change cannot be applied to what is in the work folder',
    hint: 'Run `etl run`: it reads again only the sources that need it.',
  })
}
