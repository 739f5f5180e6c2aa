// The repairs of one text in their order.
import { readArabicBytes } from './arabic-bytes.ts'
import {
  type Repaired,
  removeBidi,
  removeInvisible,
  repairC1,
  repairForms,
  repairLineEnds,
  repairTatweel,
} from './characters.ts'
import { decodeEntities } from './entities.ts'
import { readBack } from './mojibake.ts'

/** What was repaired in a text, by kind. */
export type Counts = Record<Repair, number>

/** Kinds of repair: the measures of the filter. */
export const REPAIRS = [
  'entities',
  'mojibake',
  'lineEnds',
  'bidiControls',
  'invisible',
  'presentationForms',
  'tatweel',
  'composed',
] as const
export type Repair = (typeof REPAIRS)[number]

type Step = readonly [kind: Repair, step: (text: string) => Repaired]

/** Repairs of encoding and line ends, the only ones of source code. */
const ENCODING: readonly Step[] = [
  ['mojibake', readLines],
  ['mojibake', repairC1],
  ['lineEnds', repairLineEnds],
  ['invisible', withoutMark],
]
/** Repairs of prose. Entities come first, because mojibake may be made of them. */
const PROSE: readonly Step[] = [
  ['entities', decodeEntities],
  ['mojibake', readLines],
  ['mojibake', repairC1],
  ['lineEnds', repairLineEnds],
  ['bidiControls', removeBidi],
  ['invisible', removeInvisible],
  ['presentationForms', repairForms],
  ['tatweel', repairTatweel],
  ['composed', compose],
]
/**
 * One repair may uncover another (a doubly misread letter, an entity in mojibake). Real text has
 * not half as many layers; hostile text may have more, and keeps the rest.
 */
const MOST_ROUNDS = 8
/** Sorting a run of combining marks takes quadratic time; nothing legible has this many. */
const MARKS = /\p{M}{64}/u

/**
 * Repairs a text until nothing is left to repair, and adds to `counts`. `suspected` holds the kinds
 * that may be needed at first, as bits: `1 << REPAIRS.indexOf(kind)`; `allowed` those that may be
 * done at all.
 */
export function repair(
  text: string,
  isCode: boolean,
  suspected: number,
  allowed: number,
  counts: Counts,
): string {
  const steps = isCode ? ENCODING : PROSE
  let repaired = text
  let wanted = suspected
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = repaired
    for (const [kind, step] of steps) {
      if ((wanted & allowed & bitOf(kind)) === 0) continue
      const { text: next, count } = step(repaired)
      if (next === repaired) continue
      repaired = next
      counts[kind] += count
      wanted = ALL
    }
    if (repaired === before) break
  }
  return repaired
}

/** The bit of a kind of repair. */
export function bitOf(kind: Repair): number {
  return 1 << REPAIRS.indexOf(kind)
}

/** The bits of all kinds. */
export const ALL = (1 << REPAIRS.length) - 1

function readLines(text: string): Repaired {
  let count = 0
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    const arabic = readArabicBytes(line)
    count += arabic.count
    let read = arabic.text
    for (let layer = 0; layer < MOST_ROUNDS; layer++) {
      const next = readBack(read)
      if (next.text === read) break
      read = next.text
      count += next.count
    }
    lines[index] = read
  }
  return count === 0 ? { text, count } : { text: lines.join('\n'), count }
}

/** Without the byte order mark at its beginning. */
function withoutMark(text: string): Repaired {
  return text.startsWith('\ufeff') ? { text: text.slice(1), count: 1 } : { text, count: 0 }
}

/** In normal form C. The count is that of changed lines. */
function compose(text: string): Repaired {
  const composed = MARKS.test(text) ? text : text.normalize('NFC')
  if (composed === text) return { text, count: 0 }
  const lines = composed.split('\n')
  const count = text.split('\n').filter((line, index) => line !== lines[index]).length
  return { text: composed, count: Math.max(1, count) }
}
