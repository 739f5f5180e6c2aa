import type { NumberColumn } from '../../arrow/columns.ts'
import { readArrowFile } from '../../arrow/reader.ts'
import { bytesAt, type TextColumn, textAt } from '../../core/batch.ts'
import { KINDS } from '../../core/document.ts'
import { growingMemory } from '../../core/growing-memory.ts'
import { SPLITS } from '../../core/report.ts'
import type { DecontaminateOptions } from '../plan/contamination-options.ts'
import type { Plan } from '../plan/plan.ts'
import { splitBatches } from '../segments/split-batches.ts'
import {
  type ContaminationIndex,
  contaminationExaminer,
  contaminationIndex,
  type Examined,
} from './examine.ts'
import type { ContaminationTask, DocumentPlace } from './tasks.ts'

let cached: { readonly own: string; readonly index: Promise<ContaminationIndex> } | undefined

/**
 * The index of benchmarks and protected eval and test documents. Each worker builds it once and
 * reuses it for later tasks with the same `own` file.
 */
export function fullIndex(
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

/** Searches the training documents of a task's segments. */
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
