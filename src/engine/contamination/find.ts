import { join } from 'node:path'
import type { ColumnSpec } from '../../arrow/columns.ts'
import { createArrowFile } from '../../arrow/writer.ts'
import { type TextColumn, textAt, textColumn } from '../../core/batch.ts'
import type { Alarm } from '../../core/filter.ts'
import { growingMemory } from '../../core/growing-memory.ts'
import { type ContaminationReport, SPLITS, type Split } from '../../core/report.ts'
import type { DecontaminateOptions } from '../plan/contamination-options.ts'
import type { Plan } from '../plan/plan.ts'
import type { Removal } from '../segments/removals.ts'
import type { SegmentRef } from '../segments/segment-ref.ts'
import { keyedShares } from '../segments/split.ts'
import { splitBatches } from '../segments/split-batches.ts'
import { fullIndex } from './examine-segments.ts'
import { settleContamination } from './outcome.ts'
import type { ContaminationWorkers } from './tasks.ts'

/**
 * Filter name under which contaminated documents are removed; the reason is the benchmark's name.
 */
export const DECONTAMINATE = 'decontaminate'

/** Segments per task. */
const TASK_SEGMENTS = 16

const OWN_COLUMNS: readonly ColumnSpec[] = [
  { name: 'split', type: 'utf8' },
  { name: 'text', type: 'utf8' },
]

/**
 * Finds contaminated training documents with all workers. Returns their removals by segment number,
 * the numbers for the report, and the alarms for languages above their limit.
 */
export async function findContamination(
  plan: Plan,
  pool: ContaminationWorkers,
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
    const [found, allowed] = [(share * 100).toFixed(2), (limit ?? 0) * 100]
    const message =
      `${found} % of the ${language} documents overlap with a benchmark; ` +
      `${allowed} % are allowed`
    return { code: 'contamination', message }
  })
  return {
    removals: bySegment,
    report: { benchmarks: outcome.benchmarks, languages: outcome.languages },
    alarms,
  }
}

/** Writes the protected share of eval and test to one file, so that every worker can index it. */
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
