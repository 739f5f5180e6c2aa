import { join } from 'node:path'
import type { Alarm } from '../../core/filter.ts'
import type { ContaminationReport } from '../../core/report.ts'
import { contaminationInputs } from '../contamination/benchmarks.ts'
import { findContamination } from '../contamination/find.ts'
import type { ContaminationWorkers } from '../contamination/tasks.ts'
import type { BaseCorpus } from '../corpus/base-corpus.ts'
import { type CorpusStep, fingerprint, type Plan } from '../plan/plan.ts'
import { addRemovals, removalsPath } from '../segments/removals.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import { readJson, topFolder, writeJson } from '../segments/work-folder.ts'
import {
  BLOCK_BITS,
  checkDecision,
  decisionSpill,
  encodeDecision,
  recordDecisions,
} from './decisions.ts'
import { segmentSketches } from './sketch-store.ts'
import { findSuperseded, type PlaceSet } from './superseded.ts'

/** What deduplication decided. The removals are in `folder`, one file per segment. */
export interface DedupOutcome {
  readonly folder: string
  readonly alarms: readonly Alarm[]
  readonly contamination?: ContaminationReport
}

/** Everything deduplication needs. */
export interface DedupOptions {
  readonly plan: Plan
  readonly pool: ContaminationWorkers
  readonly segments: readonly SegmentRef[]
  readonly bases: readonly BaseCorpus[]
  /** Documents that passed the row filters. */
  readonly documents: number
  readonly workers: number
  readonly signal: AbortSignal
  warn(message: string): void
  progress(share: number, label: string): void
}

/**
 * Removes superseded versions of documents, runs the corpus filters one after the other, then
 * decontaminates. Returns at once if an earlier execution finished the same work.
 */
export async function deduplicate(options: DedupOptions): Promise<DedupOutcome> {
  const { plan, segments } = options
  const key = fingerprint([
    segments.map(({ base }) => base.slice(plan.work.length)),
    options.bases.map(({ fingerprint: base, shards }) => [base, shards]),
    plan.corpusSteps.map(({ name, decideKey, sources }) => [name, decideKey, sources ?? null]),
    await contaminationInputs(plan),
  ]).slice(0, 16)
  const folder = join(plan.work, 'settle', key)
  const finished = await readJson<Omit<DedupOutcome, 'folder'>>(
    plan.storage,
    join(folder, 'done.json'),
  )
  if (finished) return { folder, ...finished }
  await removeOtherKeys(plan, key)
  for (const { number } of segments) await plan.storage.remove(removalsPath(folder, number))

  const alarms: Alarm[] = []
  const removed = await findSuperseded(
    plan.storage,
    join(folder, 'ids'),
    segments,
    options.documents,
  )
  await recordSuperseded(options, folder, removed)
  for (const step of plan.corpusSteps) {
    alarms.push(...(await runCorpusStep(options, folder, step, removed)))
  }
  const contamination = await decontaminate(options, folder, alarms)
  const outcome = { alarms, ...(contamination ? { contamination } : {}) }
  await writeJson(plan.storage, join(folder, 'done.json'), outcome)
  return { folder, ...outcome }
}

async function decontaminate(
  { plan, pool, segments, progress }: DedupOptions,
  folder: string,
  alarms: Alarm[],
): Promise<ContaminationReport | undefined> {
  if (!plan.manifest.decontaminate) return undefined
  progress(0, 'looking for benchmarks in train')
  const found = await findContamination(plan, pool, plan.manifest.decontaminate, segments, folder)
  for (const [segment, removals] of found.removals)
    await addRemovals(plan, folder, segment, removals)
  alarms.push(...found.alarms)
  return found.report
}

async function recordSuperseded(
  { plan, segments }: DedupOptions,
  folder: string,
  removed: PlaceSet,
): Promise<void> {
  if (removed.size === 0) return
  for (const segment of segments) {
    const rows = removed.rowsOf(segment.number)
    const none = { filter: 'engine', reason: 'superseded', survivor: '', similarity: 0 }
    await addRemovals(
      plan,
      folder,
      segment.number,
      rows.map((row) => ({ row, ...none })),
    )
  }
}

async function runCorpusStep(
  options: DedupOptions,
  folder: string,
  step: CorpusStep,
  removed: PlaceSet,
): Promise<Alarm[]> {
  const { plan } = options
  const applies = (segment: SegmentRef): boolean =>
    step.sources === undefined || step.sources.includes(plan.sources[segment.source]?.name ?? '')
  const sketches = segmentSketches({
    storage: plan.storage,
    sources: plan.sources,
    segments: options.segments.filter(applies),
    removed,
    bases: options.bases,
    step,
    folder: join(folder, step.name.replace('#', '-')),
    memoryBytes: plan.manifest.limits.memoryBytes,
    workers: options.workers,
    signal: options.signal,
    warn: options.warn,
    progress: options.progress,
  })
  const bySurvivor = decisionSpill(plan, join(folder, 'by-survivor'), sketches.store.rows)
  const alarms: Alarm[] = []
  let count = 0
  for await (const decision of step.filter.decide(sketches.store)) {
    if ('alarm' in decision) alarms.push(decision.alarm)
    else {
      checkDecision(step, decision, sketches.store.rows)
      await bySurvivor.add(decision.survivor >> BLOCK_BITS, encodeDecision(step, decision))
      count++
    }
  }
  if (count > 0) await recordDecisions(plan, folder, step, sketches, bySurvivor, removed)
  return alarms.sort((a, b) => (a.code + a.message < b.code + b.message ? -1 : 1))
}

async function removeOtherKeys({ storage, work }: Plan, key: string): Promise<void> {
  const folder = join(work, 'settle')
  const stale = new Set<string>()
  for (const { path } of await storage.find(folder)) {
    const top = topFolder(folder, path)
    if (top !== key) stale.add(join(folder, top))
  }
  for (const path of stale) await storage.remove(path)
}
