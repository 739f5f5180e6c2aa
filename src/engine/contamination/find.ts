import { join } from 'node:path'
import type { ColumnSpec, NumberColumn } from '../../arrow/columns.ts'
import { readArrowFile } from '../../arrow/reader.ts'
import { createArrowFile } from '../../arrow/writer.ts'
import { bytesAt, type TextColumn, textAt, textColumn } from '../../core/batch.ts'
import { KINDS } from '../../core/document.ts'
import type { Alarm } from '../../core/filter.ts'
import { growingMemory } from '../../core/growing-memory.ts'
import { type ContaminationReport, SPLITS, type Split } from '../../core/report.ts'
import type { DecontaminateOptions } from '../plan/contamination-options.ts'
import type { Plan } from '../plan/plan.ts'
import type { Removal } from '../segments/removals.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import { keyedShares } from '../segments/split.ts'
import { splitBatches } from '../segments/split-batches.ts'
import type { WorkerPool } from '../workers/pool.ts'
import { benchmarkFiles } from './benchmarks.ts'
import {
  type ContaminationIndex,
  contaminationExaminer,
  contaminationIndex,
  type Examined,
} from './examine.ts'
import { settleContamination } from './outcome.ts'

/** Name under which contaminated documents are removed; the reason is the benchmark. */
export const DECONTAMINATE = 'decontaminate'

/** Where a training document is. */
export interface DocumentPlace {
  readonly segment: number
  readonly row: number
}

/** Looks for benchmarks in the training documents of some segments. */
export interface ContaminationTask {
  readonly type: 'contamination'
  readonly segments: readonly SegmentRef[]
  readonly removals: string
  /** File of the held-out documents that train is cleaned of. */
  readonly own: string
}

/** Segments that one task reads. */
const TASK_SEGMENTS = 16

const OWN_COLUMNS: readonly ColumnSpec[] = [
  { name: 'split', type: 'utf8' },
  { name: 'text', type: 'utf8' },
]

/**
 * What identifies the outcome besides the documents: options and benchmark files. A benchmark
 * without files is an error.
 */
export async function contaminationInputs({ storage, manifest }: Plan): Promise<unknown> {
  const options = manifest.decontaminate
  if (!options) return null
  const files = await Promise.all(
    options.benchmarks.map(({ input }) => benchmarkFiles(storage, manifest.folder, input)),
  )
  return [
    options,
    manifest.split,
    files.map((found) => found.map(({ path, size, modified = 0 }) => [path, size, modified])),
  ]
}

/**
 * Finds contaminated training documents with all workers: their removals by segment, and what to
 * report.
 */
export async function findContamination(
  plan: Plan,
  pool: WorkerPool,
  options: DecontaminateOptions,
  segments: readonly SegmentRef[],
  removals: string,
): Promise<{ removals: Map<number, Removal[]>; report: ContaminationReport; alarms: Alarm[] }> {
  const own = join(removals, 'held-out.arrow')
  await writeHeldOut(plan, options, segments, removals, own)
  const groups: SegmentRef[][] = []
  for (let start = 0; start < segments.length; start += TASK_SEGMENTS) {
    groups.push(segments.slice(start, start + TASK_SEGMENTS))
  }
  const parts = await Promise.all(
    groups.map((group) => pool.insist({ type: 'contamination', segments: group, removals, own })),
  )
  const index = await fullIndex(plan, options, own)
  const outcome = settleContamination(index, parts)
  const bySegment = new Map<number, Removal[]>()
  for (const { ref, benchmark } of options.action === 'drop' ? outcome.contaminated : []) {
    const removal = {
      row: ref.row,
      filter: DECONTAMINATE,
      reason: benchmark,
      survivor: '',
      similarity: 0,
    }
    bySegment.set(ref.segment, [...(bySegment.get(ref.segment) ?? []), removal])
  }
  const alarms = outcome.exceeded.map(({ language, share, limit }) => {
    const message = `${(share * 100).toFixed(2)} % of the ${language} documents overlap with a benchmark; ${(limit ?? 0) * 100} % are allowed`
    return { code: 'contamination', message }
  })
  return {
    removals: bySegment,
    report: { benchmarks: outcome.benchmarks, languages: outcome.languages },
    alarms,
  }
}

/**
 * Writes the protected share of eval and test to a file of its own, so that every process can index
 * it.
 */
async function writeHeldOut(
  plan: Plan,
  { ownShare }: DecontaminateOptions,
  segments: readonly SegmentRef[],
  removals: string,
  path: string,
): Promise<void> {
  const file = await createArrowFile(plan.storage, path, {
    columns: OWN_COLUMNS,
    compression: 'none',
    mode: 0o600,
  })
  const memory = growingMemory()
  try {
    for (const segment of segments) {
      const places: Split[] = []
      const texts: string[] = []
      const batches = splitBatches(plan, segment, removals, { memory, splits: ['eval', 'test'] })
      for await (const { columns, splits, fill } of batches) {
        const shares = keyedShares('held-out', columns.id as TextColumn)
        for (const [row, code] of splits.entries()) {
          const split = SPLITS[code]
          if (split === undefined || split === 'train' || (shares[row] ?? 1) >= ownShare) continue
          await fill(row, row + 1)
          places.push(split)
          texts.push(textAt(columns.text as TextColumn, row))
        }
      }
      if (texts.length > 0)
        await file.write(texts.length, { split: textColumn(places), text: textColumn(texts) })
    }
    await file.commit()
  } finally {
    await file.abort()
  }
}

let cached: { readonly own: string; readonly index: Promise<ContaminationIndex> } | undefined

/** The index of benchmarks and held-out documents; kept for the next task of this process. */
function fullIndex(
  plan: Plan,
  options: DecontaminateOptions,
  own: string,
): Promise<ContaminationIndex> {
  if (cached?.own !== own) cached = { own, index: buildIndex(plan, options, own) }
  return cached.index
}

async function buildIndex(
  plan: Plan,
  options: DecontaminateOptions,
  own: string,
): Promise<ContaminationIndex> {
  const { folder, limits } = plan.manifest
  const index = await contaminationIndex(options, plan.storage, folder, limits.memoryBytes / 4)
  for await (const { rows, columns } of readArrowFile(plan.storage, own)) {
    for (let row = 0; row < rows; row++) {
      const split = textAt(columns.split as TextColumn, row) as 'eval' | 'test'
      index.addOwn(split, bytesAt(columns.text as TextColumn, row))
    }
  }
  return index
}

/** Examines the training documents of a task's segments. */
export async function examineSegments(
  plan: Plan,
  task: ContaminationTask,
): Promise<Examined<DocumentPlace>> {
  const { decontaminate } = plan.manifest
  if (!decontaminate) throw new Error('the manifest has no decontaminate section')
  const examiner = contaminationExaminer<DocumentPlace>(
    await fullIndex(plan, decontaminate, task.own),
  )
  const memory = growingMemory()
  for (const segment of task.segments) {
    for await (const { columns, splits } of splitBatches(plan, segment, task.removals, {
      memory,
    })) {
      const kinds = columns.kind as NumberColumn
      const ordinals = columns.ordinal as NumberColumn
      for (const [row, code] of splits.entries()) {
        if (SPLITS[code] !== 'train') continue
        const language =
          KINDS[kinds[row] ?? 0] === 'code' ? textAt(columns.lang as TextColumn, row) : ''
        const ref = { segment: segment.number, row: ordinals[row] ?? 0 }
        examiner.examine(ref, bytesAt(columns.text as TextColumn, row), language)
      }
    }
  }
  return examiner.result()
}
