import { z } from 'zod'
import { type Batch, kindAt, type TextColumn, textAt, textBuilder } from '../../src/core/batch.ts'
import { defineFilter, type MeasureSpec } from '../../src/core/filter.ts'
import { judgedBy } from '../../src/core/judgement.ts'
import { lazily } from '../../src/core/lazily.ts'
import { type DefectScanner, defectScanner } from '../../src/kernels/defects/kernel.ts'
import { characterTable } from './classes.ts'
import { ALL, bitOf, type Counts, REPAIRS, type Repair } from './kinds.ts'
import { repair } from './repair.ts'

const measures = {
  entities: { type: 'count', description: 'HTML entities decoded.' },
  mojibake: { type: 'count', description: 'Characters read back from a wrong encoding.' },
  lineEnds: { type: 'count', description: 'Line ends and separators made line feeds.' },
  bidiControls: { type: 'count', description: 'Controls of direction removed.' },
  invisible: { type: 'count', description: 'Controls and invisible characters removed.' },
  presentationForms: { type: 'count', description: 'Presentation forms made letters.' },
  tatweel: { type: 'count', description: 'Stretches of ornamental tatweel removed.' },
  composed: { type: 'count', description: 'Lines brought to normal form C.' },
} as const satisfies Record<Repair, MeasureSpec>

const options = z.strictObject({
  skip: z
    .array(z.enum(REPAIRS))
    .default([])
    .describe('Repairs that are left out, by the names of their measures.'),
})

/** Kinds of repair that source code gets. */
const IN_CODE = bitOf('mojibake') | bitOf('lineEnds') | bitOf('invisible')

/**
 * Repairs defects of encoding and of characters in the text. It drops nothing, and folds no
 * spelling.
 */
export const normalise = defineFilter({
  name: 'normalise',
  version: 2,
  summary:
    'Repairs broken encodings, presentation forms, invisible characters, entities and line ends.',
  options,
  example: {},
  thresholds: [],
  create({ skip }) {
    const allowed = skip.reduce((bits, kind) => bits & ~bitOf(kind), ALL)
    const scanner = lazily(() => defectScanner(characterTable()))
    return {
      reasons: [],
      measures,
      rewrites: true,
      measure(batch, out) {
        const columns = REPAIRS.map((kind) => ({ kind, column: out.count(kind) }))
        batch.text = repairColumn(batch, scanner(), allowed, (row, counts) => {
          for (const { kind, column } of columns) column[row] = counts[kind]
        })
      },
      ...judgedBy(() => []),
    }
  },
})

/** The text column with every text repaired; the same column if none needs it. */
function repairColumn(
  batch: Batch,
  scanner: DefectScanner,
  allowed: number,
  seen: (row: number, counts: Counts) => void,
): TextColumn {
  const { text: column, rows } = batch
  const { bytes, offsets } = column
  let builder: ReturnType<typeof textBuilder> | undefined
  /** Rows before this one are in the builder. */
  let copied = 0
  const copyUpTo = (row: number): void => {
    for (; copied < row; copied++) {
      builder?.append(bytes, offsets[copied] ?? 0, offsets[copied + 1] ?? 0)
      builder?.endRow()
    }
  }
  const defects = scanner.rows(column)
  for (let row = 0; row < rows; row++) {
    const isCode = kindAt(batch, row) === 'code'
    const kinds = isCode ? allowed & IN_CODE : allowed
    const suspected = (defects[row] ?? 0) & kinds
    if (suspected === 0) continue
    const text = textAt(column, row)
    const counts = Object.fromEntries(REPAIRS.map((kind) => [kind, 0])) as Counts
    const repaired = repair(text, isCode, { scanner, suspected, allowed: kinds }, counts)
    if (repaired === text) continue
    builder ??= textBuilder(rows, bytes.length)
    copyUpTo(row)
    builder.appendText(repaired)
    builder.endRow()
    copied = row + 1
    seen(row, counts)
  }
  copyUpTo(rows)
  return builder?.finish() ?? column
}
