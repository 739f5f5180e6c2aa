import { join } from 'node:path'
import { type ShardInfo, SPLITS, type Split } from '../core/report.ts'
import type { Plan } from './plan.ts'
import type { WorkerPool } from './pool.ts'
import type { FileFacts, PathFacts, PublishTask, SegmentRef, ShardFacts, ShardTask } from './publish-task.ts'
import { type SourceSurvey, surveySource } from './survey.ts'
import { readJson, writeJson } from './work-folder.ts'

/** What publishing leaves in the publish folder, ready to be moved into place. */
export interface Published {
  readonly shards: readonly ShardInfo[]
  /** Sketches, ledgers and files of removed documents. */
  readonly others: readonly PathFacts[]
  readonly surveys: readonly SourceSurvey[]
}

export interface PublishOptions {
  readonly plan: Plan
  readonly pool: WorkerPool
  /** Segments by source, in order. */
  readonly segments: readonly (readonly SegmentRef[])[]
  readonly removals: string
  /** Folder to write into. */
  readonly folder: string
  progress(done: number, total: number, label: string): void
}

/** Segments whose ledgers go into one published ledger file. */
const LEDGER_SEGMENTS = 256

/** Writes shards, ledgers and removed documents with all workers. Finished files of an earlier try are kept. */
export async function publish(options: PublishOptions): Promise<Published> {
  const { plan, segments, removals, folder } = options
  const planner = shardPlanner(plan.manifest.shards.bytes)
  const surveys: SourceSurvey[] = []
  for (const [index, own] of segments.entries()) {
    surveys.push(await surveySource(plan, index, own, removals, planner.add))
  }
  const shardPlans = planner.finish()
  const ledgers = segments.flatMap((own, source) => ledgerTasks(plan, source, own, removals))
  const dropped = segments.flatMap((own, source) => droppedTasks(plan, source, own, removals, surveys[source]))
  const total = shardPlans.length + ledgers.length + dropped.length
  let done = 0
  const make = async <T extends PublishTask>({ path, ...task }: T): Promise<PathFacts & Partial<ShardFacts>> => {
    const made = await makeFile(options, path, () => options.pool.run({ ...task, path: join(folder, path) } as T))
    options.progress(++done, total, path)
    return { path, ...made }
  }
  // Largest first, so that no worker is left with a large one at the end: a source has one file of removed documents.
  const makingDropped = dropped.map(make)
  const makingShards = shardPlans.map((shard) => make({ type: 'shard' as const, ...shard, removals }))
  const makingLedgers = ledgers.map(make)
  const [made, others] = await Promise.all([
    Promise.all(makingShards),
    Promise.all([...makingLedgers, ...makingDropped]),
  ])
  const shards = made.map(({ rows, bytes, sha256, path }, index): ShardInfo => {
    return { path, split: shardPlans[index]?.split ?? 'train', rows, bytes, sha256 }
  })
  return { shards, others: [...others, ...made.flatMap(({ extras }) => extras ?? [])], surveys }
}

/** Makes a file, or finds it finished: its facts are written beside the folder once it is durable. */
async function makeFile<T extends FileFacts>(
  { plan, folder }: PublishOptions,
  path: string,
  make: () => Promise<T>,
): Promise<T> {
  const factsPath = join(`${folder}.facts`, `${path}.json`)
  const known = await readJson<T>(plan.storage, factsPath)
  const found = known && (await plan.storage.stat(join(folder, path)))
  if (known && found?.size === known.bytes) return known
  const facts = await make()
  await writeJson(plan.storage, factsPath, facts)
  return facts
}

interface ShardPlan extends Omit<ShardTask, 'type' | 'removals'> {}

/** Cuts every split into shards of about the same text size, in reading order. */
function shardPlanner(shardBytes: number) {
  const open = new Map<Split, { segments: SegmentRef[]; skip: number; take: number; bytes: number }[]>()
  const inSegment = new Map<Split, { number: number; count: number }>()
  return {
    add(segment: SegmentRef, split: Split, bytes: number): void {
      const shards = open.get(split) ?? []
      open.set(split, shards)
      const place = inSegment.get(split)
      const count = place?.number === segment.number ? place.count : 0
      inSegment.set(split, { number: segment.number, count: count + 1 })
      let shard = shards.at(-1)
      if (!shard || shard.bytes >= shardBytes) {
        shard = { segments: [], skip: count, take: 0, bytes: 0 }
        shards.push(shard)
      }
      if (shard.segments.at(-1)?.number !== segment.number) shard.segments.push(segment)
      shard.take++
      shard.bytes += bytes
    },
    finish(): ShardPlan[] {
      return SPLITS.flatMap((split) => {
        const shards = open.get(split) ?? []
        return shards.map(({ segments, skip, take }, index) => {
          const path = `${split}/${split}-${five(index)}-of-${five(shards.length)}.arrow`
          return { path, shard: path, split, segments, skip, take }
        })
      })
    },
  }
}

const five = (value: number): string => String(value).padStart(5, '0')

function ledgerTasks({ sources }: Plan, source: number, segments: readonly SegmentRef[], removals: string) {
  const tasks = []
  for (let start = 0; start < segments.length; start += LEDGER_SEGMENTS) {
    const path = `ledger/${sources[source]?.name}-${five(start / LEDGER_SEGMENTS)}.arrow`
    tasks.push({
      type: 'ledger' as const,
      path,
      source,
      segments: segments.slice(start, start + LEDGER_SEGMENTS),
      removals,
    })
  }
  return tasks
}

function droppedTasks(
  { sources, manifest }: Plan,
  source: number,
  segments: readonly SegmentRef[],
  removals: string,
  survey: SourceSurvey | undefined,
) {
  if (!survey || survey.dropped.size === 0 || manifest.dropped.maxPerReason === 0) return []
  const shares: Record<string, number> = {}
  for (const [key, { counter }] of survey.dropped) {
    if (counter.documents > manifest.dropped.maxPerReason)
      shares[key] = manifest.dropped.maxPerReason / counter.documents
  }
  const path = `dropped/${sources[source]?.name}.arrow`
  return [{ type: 'dropped' as const, path, source, segments, removals, shares }]
}
