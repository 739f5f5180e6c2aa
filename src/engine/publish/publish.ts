import { join } from 'node:path'
import { type ShardInfo, SPLITS, type Split } from '../../core/report.ts'
import type { Storage } from '../../core/storage.ts'
import { inOrder } from '../../workers/in-order.ts'
import type { Plan } from '../plan/plan.ts'
import { type SegmentRef, sourceOf } from '../segments/segment-ref.ts'
import { readJson, writeJson } from '../segments/work-folder.ts'
import { joinedShard } from './shard-join.ts'
import { fiveDigits, joinStretches, type ShardPlan, shardPlanner, shareOut } from './shard-plan.ts'
import { type SourceSurvey, sourceSurvey } from './survey.ts'
import type {
  DroppedTask,
  FileFacts,
  LedgerTask,
  PathFacts,
  PublishWorkers,
  ShardFacts,
} from './tasks.ts'

/** The files in the publish folder, ready to be moved into place. */
export interface Published {
  readonly shards: readonly ShardInfo[]
  /** Sketches, ledgers and files of removed documents. */
  readonly others: readonly PathFacts[]
  /** By source index. */
  readonly surveys: readonly SourceSurvey[]
}

/** Everything publishing needs. */
export interface PublishOptions {
  readonly plan: Plan
  readonly pool: PublishWorkers
  /** Segments by source index, in order. */
  readonly segments: readonly (readonly SegmentRef[])[]
  readonly removals: string
  /** Publish folder to write into. */
  readonly folder: string
  progress(done: number, total: number, label: string): void
}

/** Number of segments per published ledger file. */
const LEDGER_SEGMENTS = 256

/**
 * Writes shards, ledgers and removed documents with all workers. If a worker dies, another one
 * repeats its task. Files that an earlier execution finished are kept.
 */
export async function publish(options: PublishOptions): Promise<Published> {
  const { plan, pool, segments, removals, folder } = options
  await removeLeftovers(plan.storage, folder)
  const { surveys, shardPlans } = await surveySources(options)
  const ledgers = segments.flatMap((own, source) => ledgerTasks(plan, source, own, removals))
  const dropped = segments.flatMap((own, source) =>
    droppedTasks(plan, source, own, removals, surveys[source]),
  )
  const total = shardPlans.length + ledgers.length + dropped.length
  let done = 0
  const make = async <T extends FileFacts>(
    path: string,
    write: () => Promise<T>,
  ): Promise<T & PathFacts> => {
    const made = await makeFile(options, path, write)
    options.progress(++done, total, path)
    return { path, ...made }
  }
  const makeOther = (task: LedgerTask | DroppedTask): Promise<PathFacts> =>
    make(task.path, () => pool.insist({ ...task, path: join(folder, task.path) }))
  // Long tasks come first, so that no worker is left with one at the end.
  const makingDropped = dropped.map(makeOther)
  const makingOthers = Promise.all([...ledgers.map(makeOther), ...makingDropped])
  makingOthers.catch(() => undefined) // awaited once the shards are written
  const left = await Promise.all(
    shardPlans.map(async (shard) =>
      (await finishedFile(options, shard.path)) ? { ...shard, bytes: 0 } : shard,
    ),
  )
  const others = [
    ...ledgers.map(ledgerBytes),
    ...dropped.map((task) => droppedBytes(task, surveys[task.source])),
  ]
  const turns = shareOut(left, pool.size, others)
  const making = inOrder(turns, SHARDS_PER_WORKER * pool.size, async ({ shard, place, shared }) => {
    return {
      place,
      split: shard.split,
      facts: await make(shard.path, () => writeShard(options, shard, shared)),
    }
  })
  const made: { place: number; split: Split; facts: ShardFacts & PathFacts }[] = []
  for await (const shard of making) made.push(shard)
  made.sort((a, b) => a.place - b.place)
  const shards = made.map(({ split, facts: { path, rows, bytes, sha256 } }): ShardInfo => {
    return { path, split, rows, bytes, sha256 }
  })
  const extras = made.flatMap(({ facts }) => facts.extras)
  const files = [...(await makingOthers), ...extras]
  await removeLeftovers(plan.storage, folder)
  return { shards, others: files, surveys }
}

/** Segments surveyed at a time, per worker. */
const SURVEYS_PER_WORKER = 4

/**
 * Surveys all sources and plans the shards from the splits and sizes of their published documents.
 */
async function surveySources({ plan, pool, segments, removals }: PublishOptions) {
  const planner = shardPlanner(plan.manifest.shards.bytes)
  const surveys = plan.sources.map(sourceSurvey)
  const all = segments.flat()
  const surveyed = inOrder(all, SURVEYS_PER_WORKER * pool.size, async (segment) => {
    return { segment, survey: await pool.insist({ type: 'survey', segment, removals }) }
  })
  for await (const { segment, survey } of surveyed) {
    surveys[segment.source]?.add(survey)
    const { name } = sourceOf(plan, segment.source)
    for (const [place, code] of survey.splits.entries()) {
      const split = SPLITS[code]
      if (split) planner.add(segment, place, name, split, survey.bytes[place] ?? 0)
    }
  }
  return { surveys: surveys.map(({ finish }) => finish()), shardPlans: planner.finish() }
}

/** Shards written at a time, per worker. */
const SHARDS_PER_WORKER = 2

/** Folder of the files of stretches until they are joined to a shard. */
const partsFolder = (folder: string): string => `${folder}.parts`

/** Removes unfinished files of an earlier execution or of a worker that died. */
async function removeLeftovers(storage: Storage, folder: string): Promise<void> {
  await storage.remove(partsFolder(folder))
  for (const { path } of await storage.find(folder))
    if (path.endsWith('.tmp')) await storage.remove(path)
}

/**
 * Writes a shard with one worker or, if `shared`, stretch by stretch with all workers. The bytes
 * are the same.
 */
async function writeShard(
  options: PublishOptions,
  shard: ShardPlan,
  shared: boolean,
): Promise<ShardFacts> {
  const { plan, pool, folder, removals } = options
  const { split, stretches } = shard
  const task = { type: 'shard', shard: shard.path, split, removals } as const
  if (!shared) {
    return shardFacts(
      await pool.insist({ ...task, ...joinStretches(stretches), folder, part: false }),
    )
  }
  const joined = await joinedShard(plan, folder, shard)
  try {
    const parts = inOrder(stretches.entries(), stretches.length, async ([index, stretch]) => {
      const place = join(partsFolder(folder), String(index))
      return { place, files: await pool.insist({ ...task, ...stretch, folder: place, part: true }) }
    })
    for await (const { place, files } of parts) await joined.append(place, files)
    return shardFacts(await joined.commit())
  } finally {
    await joined.abort()
  }
}

function shardFacts(files: readonly PathFacts[]): ShardFacts {
  const [shard, ...extras] = files.map(({ path, rows, bytes, sha256 }) => ({
    path,
    rows,
    bytes,
    sha256,
  }))
  if (shard === undefined) throw new Error('a shard without files')
  return { rows: shard.rows, bytes: shard.bytes, sha256: shard.sha256, extras }
}

/**
 * Makes a file unless an earlier execution finished it. Its facts are recorded beside the folder
 * once it is durable.
 */
async function makeFile<T extends FileFacts>(
  options: PublishOptions,
  path: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = await finishedFile<T>(options, path)
  if (known) return known
  const facts = await make()
  await writeJson(options.plan.storage, factsPath(options, path), facts)
  return facts
}

const factsPath = ({ folder }: PublishOptions, path: string): string =>
  join(`${folder}.facts`, `${path}.json`)

/** The recorded facts of a file that an earlier execution finished, if the file is still there. */
async function finishedFile<T extends FileFacts>(
  options: PublishOptions,
  path: string,
): Promise<T | undefined> {
  const { storage } = options.plan
  const known = await readJson<T>(storage, factsPath(options, path))
  const found = known && (await storage.stat(join(options.folder, path)))
  return found?.size === known?.bytes ? known : undefined
}

/**
 * Bytes of text that take as long to publish as one row of a ledger: about 7 ns per byte,
 * compressed, and 1.6 µs per row (2026-11-27, one worker on 512 MB).
 */
const LEDGER_ROW_BYTES = 200

const ledgerBytes = ({ segments }: LedgerTask): number =>
  segments.reduce((sum, { kept }) => sum + kept * LEDGER_ROW_BYTES, 0)

function ledgerTasks(
  { sources }: Plan,
  source: number,
  segments: readonly SegmentRef[],
  removals: string,
): LedgerTask[] {
  const tasks: LedgerTask[] = []
  for (let start = 0; start < segments.length; start += LEDGER_SEGMENTS) {
    const path = `ledger/${sources[source]?.name}-${fiveDigits(start / LEDGER_SEGMENTS)}.arrow`
    tasks.push({
      type: 'ledger',
      path,
      source,
      segments: segments.slice(start, start + LEDGER_SEGMENTS),
      removals,
    })
  }
  return tasks
}

function droppedBytes({ shares }: DroppedTask, survey: SourceSurvey | undefined): number {
  return [...(survey?.dropped ?? [])].reduce(
    (sum, [key, { counter }]) => sum + counter.bytes * (shares[key] ?? 1),
    0,
  )
}

function droppedTasks(
  { sources, manifest }: Plan,
  source: number,
  segments: readonly SegmentRef[],
  removals: string,
  survey: SourceSurvey | undefined,
): DroppedTask[] {
  if (!survey || survey.dropped.size === 0 || manifest.dropped.maxPerReason === 0) return []
  const shares: Record<string, number> = {}
  for (const [key, { counter }] of survey.dropped) {
    if (counter.documents > manifest.dropped.maxPerReason)
      shares[key] = manifest.dropped.maxPerReason / counter.documents
  }
  const path = `dropped/${sources[source]?.name}.arrow`
  return [{ type: 'dropped', path, source, segments, removals, shares }]
}
