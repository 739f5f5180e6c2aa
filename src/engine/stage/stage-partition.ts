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
  readonly pool: StageWorkers
  readonly listener: StageListener
  /** By source index. */
  readonly partitions: readonly (readonly Partition[])[]
  /** Refuse to read any source: everything must come from earlier segments. */
  readonly withoutReading: boolean
}

/** What the stage step leaves of one partition. */
export interface PartitionOutcome {
  readonly folder: string
  readonly records: readonly SegmentRecord[]
  readonly timedOut: boolean
}

/**
 * Brings a partition to its end. A document that kills its worker is found and set aside; the
 * others are read again.
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
      // Dying once may be chance: a process can be killed for want of memory, or by hand.
      const guilty = suspect !== '' && (error.reason === 'timeout' || suspect === lastSuspect)
      lastSuspect = suspect
      if (guilty) {
        const reason = error.reason === 'timeout' ? 'error:timeout' : 'error:crash'
        quarantined.set(suspect, reason)
        attempts = 0
        await writeJson(storage, asideFile, [...quarantined])
        options.listener.onWarning(`${suspect} was set aside: ${error.message}`)
      } else if (attempts > 3) {
        throw new EtlError('worker-crashed', {
          where: `${source.name}/${partition.key}`,
          what: error.message,
          cause: error,
        })
      } else
        options.listener.onWarning(
          `${source.name}/${partition.key} is tried again: ${error.message}`,
        )
      careful = !guilty
    }
  }
  return { folder, records, timedOut: [...quarantined.values()].includes('error:timeout') }
}

/**
 * Whatever goes wrong with it, the worker that reads the partition can judge the batch itself:
 * there it is dealt with.
 */
function judgeElsewhere(
  pool: StageWorkers,
  source: number,
  batch: Unjudged,
): Promise<Judgement | undefined> {
  return pool.run({ type: 'judge', source, batch }).catch(() => undefined)
}

/**
 * Turns segments of an earlier chain into segments of this one, or leaves out what has to be read
 * again.
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
    // A document in it may have killed the worker: reading it again finds out which.
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

/** Writes down what a chain fingerprint stands for, before the first segment bears it. */
export async function rememberChain(
  { storage }: Plan,
  { steps, corpusSteps }: SourceRun,
  folder: string,
): Promise<void> {
  const info = chainInfo(steps, corpusSteps)
  const path = chainPath(folder, chainKey(info))
  if (!(await storage.stat(path))) await writeJson(storage, path, info)
}

/** Reading a source is needed and not allowed. */
export function unreadable({ name }: SourceRun): EtlError {
  return new EtlError('corpus-missing', {
    where: name,
    what: 'this change cannot be applied to what is in the work folder',
    hint: 'Run `etl run`: it reads again only the sources that need it.',
  })
}
