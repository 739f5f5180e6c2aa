import { join } from 'node:path'
import { bytesAt } from '../../core/batch.ts'
import type { Alarm, Decision } from '../../core/filter.ts'
import type { ContaminationReport } from '../../core/report.ts'
import { contaminationInputs } from '../contamination/benchmarks.ts'
import { findContamination } from '../contamination/find.ts'
import type { ContaminationWorkers } from '../contamination/tasks.ts'
import type { BaseCorpus } from '../corpus/base-corpus.ts'
import { type CorpusStep, fingerprint, type Plan } from '../plan/plan.ts'
import { type Removal, readRemovals, removalsPath } from '../segments/removals.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import { readJson, topFolder, writeJson } from '../segments/work-folder.ts'
import { type SegmentSketches, segmentSketches } from './sketch-store.ts'
import { type SpillFiles, spillFiles } from './spill.ts'
import { findSuperseded, type PlaceSet } from './superseded.ts'

/** What the corpus filters decided: removals are in files, one a segment, in `folder`. */
export interface Settled {
  readonly folder: string
  readonly alarms: readonly Alarm[]
  readonly contamination?: ContaminationReport
}

export interface SettleOptions {
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
 * Removes older versions of documents, then runs the corpus filters one after the other. Resumable.
 */
export async function settle(options: SettleOptions): Promise<Settled> {
  const { plan, segments } = options
  const key = fingerprint([
    segments.map(({ base }) => base.slice(plan.work.length)),
    options.bases.map(({ fingerprint: base, shards }) => [base, shards]),
    plan.corpusSteps.map(({ name, decideKey, sources }) => [name, decideKey, sources ?? null]),
    await contaminationInputs(plan),
  ]).slice(0, 16)
  const folder = join(plan.work, 'settle', key)
  const finished = await readJson<Omit<Settled, 'folder'>>(plan.storage, join(folder, 'done.json'))
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
  { plan, pool, segments, progress }: SettleOptions,
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
  { plan, segments }: SettleOptions,
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
  options: SettleOptions,
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

/** Rows whose decisions are looked at together. */
const BLOCK_BITS = 18
const DECISION_BYTES = 16

function decisionSpill({ storage }: Plan, folder: string, rows: number): SpillFiles {
  return spillFiles(storage, folder, (rows >> BLOCK_BITS) + 1)
}

function checkDecision(
  { name, filter }: CorpusStep,
  { row, survivor, reason }: Decision,
  rows: number,
): void {
  if (row < rows && survivor < rows && row !== survivor && filter.reasons.includes(reason)) return
  throw new Error(`${name} decided ${JSON.stringify({ row, survivor, reason })} over ${rows} rows`)
}

function encodeDecision(
  { filter }: CorpusStep,
  { row, survivor, similarity, reason }: Decision,
): Uint8Array {
  const bytes = new Uint8Array(DECISION_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, row, true)
  view.setUint32(4, survivor, true)
  view.setFloat32(8, similarity, true)
  view.setUint32(12, filter.reasons.indexOf(reason), true)
  return bytes
}

/**
 * First pass: give every decision the id of its survivor. Second pass: put it beside the row it
 * removes.
 */
async function recordDecisions(
  plan: Plan,
  folder: string,
  step: CorpusStep,
  sketches: SegmentSketches,
  bySurvivor: SpillFiles,
  removed: PlaceSet,
): Promise<void> {
  const byRow = decisionSpill(plan, join(folder, 'by-row'), sketches.store.rows)
  let block = -1
  let waiting = new Map<number, DataView[]>()
  for await (const { firstRow, places, id } of sketches.places()) {
    for (const position of places.keys()) {
      const row = firstRow + position
      if (row >> BLOCK_BITS !== block) {
        block = row >> BLOCK_BITS
        waiting = groupBy(fixedRecords(await bySurvivor.take(block)), (record) =>
          record.getUint32(4, true),
        )
      }
      for (const record of waiting.get(row) ?? []) {
        await byRow.add(
          record.getUint32(0, true) >> BLOCK_BITS,
          withSurvivor(record, bytesAt(id, position)),
        )
      }
    }
  }
  block = -1
  let removals = new Map<number, Omit<Removal, 'row'>>()
  let pending: Removal[] = []
  let segment = -1
  const flush = async (): Promise<void> => {
    if (pending.length > 0) await addRemovals(plan, folder, segment, pending)
    pending = []
  }
  for await (const { firstRow, places } of sketches.places()) {
    for (const [position, place] of places.entries()) {
      const row = firstRow + position
      if (row >> BLOCK_BITS !== block) {
        block = row >> BLOCK_BITS
        removals = decodeRemovals(await byRow.take(block), step)
      }
      const removal = removals.get(row)
      if (!removal) continue
      if (place.segment !== segment) await flush()
      segment = place.segment
      pending.push({ row: place.row, ...removal })
      removed.add(place.segment, place.row)
    }
  }
  await flush()
}

function fixedRecords(bytes: Uint8Array): DataView[] {
  const records: DataView[] = []
  for (let start = 0; start < bytes.length; start += DECISION_BYTES) {
    records.push(new DataView(bytes.buffer, bytes.byteOffset + start, DECISION_BYTES))
  }
  return records
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>()
  for (const value of values) {
    const group = groups.get(keyOf(value))
    if (group) group.push(value)
    else groups.set(keyOf(value), [value])
  }
  return groups
}

/** A decision followed by the length and the bytes of its survivor's id. */
function withSurvivor(decision: DataView, id: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(DECISION_BYTES + 4 + id.length)
  bytes.set(new Uint8Array(decision.buffer, decision.byteOffset, DECISION_BYTES))
  new DataView(bytes.buffer).setUint32(DECISION_BYTES, id.length, true)
  bytes.set(id, DECISION_BYTES + 4)
  return bytes
}

function decodeRemovals(
  bytes: Uint8Array,
  { name, filter }: CorpusStep,
): Map<number, Omit<Removal, 'row'>> {
  const removals = new Map<number, Omit<Removal, 'row'>>()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let start = 0; start < bytes.length; ) {
    const length = view.getUint32(start + DECISION_BYTES, true)
    const idStart = start + DECISION_BYTES + 4
    removals.set(view.getUint32(start, true), {
      filter: name,
      reason: filter.reasons[view.getUint32(start + 12, true)] ?? '',
      survivor: new TextDecoder().decode(bytes.subarray(idStart, idStart + length)),
      similarity: view.getFloat32(start + 8, true),
    })
    start = idStart + length
  }
  return removals
}

async function addRemovals(
  plan: Plan,
  folder: string,
  segment: number,
  removals: readonly Removal[],
): Promise<void> {
  if (removals.length === 0) return
  const merged = await readRemovals(plan.storage, folder, segment)
  for (const removal of removals) merged.set(removal.row, removal)
  const rows = [...merged.values()].sort((a, b) => a.row - b.row)
  await writeJson(plan.storage, removalsPath(folder, segment), rows)
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
