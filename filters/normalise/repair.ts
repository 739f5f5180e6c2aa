// The repairs of one text in their order.

import type { DefectScanner } from '../../src/kernels/defects/kernel.ts'
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
import { bitOf, type Counts, type Repair } from './kinds.ts'
import { readBack } from './mojibake.ts'

type Step = readonly [kind: Repair, step: (text: string) => Repaired]

/**
 * Repairs of encoding and line ends, the only ones of source code. A C1 control in its strings is
 * meant.
 */
const ENCODING: readonly Step[] = [
  ['mojibake', readLines],
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
const MARKS = new RegExp(
  `[${[
    '\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05c7\\u0610-\\u061a\\u064b-\\u065f\\u06d6-\\u06ed',
    '\\u0730-\\u074a\\u0900-\\u0fff\\u135d-\\u135f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff',
    '\\u302a-\\u302f\\u3099\\u309a\\ufe20-\\ufe2f\\ud800-\\udfff',
  ].join('')}]{256}`,
)

/** What a text may get. */
interface Wanted {
  /** Finds what a repair uncovered. */
  readonly scanner: DefectScanner
  /** The kinds that the scan of the text found, and those that may be done. */
  readonly suspected: number
  readonly allowed: number
}

/** Repairs a text until nothing is left to repair, and adds to `counts`. */
export function repair(
  text: string,
  isCode: boolean,
  { scanner, suspected, allowed }: Wanted,
  counts: Counts,
): string {
  const steps = isCode ? ENCODING : PROSE
  let repaired = text
  let wanted = suspected & allowed
  for (let round = 0; round < MOST_ROUNDS && wanted !== 0; round++) {
    const before = repaired
    for (const [kind, step] of steps) {
      if ((wanted & bitOf(kind)) === 0) continue
      const { text: next, count } = step(repaired)
      if (next !== repaired) counts[kind] += count
      repaired = next
    }
    if (repaired === before) break
    wanted = scanner.text(Buffer.from(repaired)) & allowed
  }
  return repaired
}

const BEYOND_ASCII = /[^\0-\x7f]/

function readLines(text: string): Repaired {
  let count = 0
  const lines = text.split('\n')
  for (const [index, line] of lines.entries()) {
    if (!BEYOND_ASCII.test(line)) continue
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
  return { text: composed, count: changedLines(text, composed) }
}

/** How many lines of two texts differ. Both have the same number of them. */
function changedLines(before: string, after: string): number {
  let count = 0
  let [at, to] = [0, 0]
  for (let end = 0; end < before.length; at = end + 1) {
    const next = before.indexOf('\n', at)
    end = next < 0 ? before.length : next
    const stop = next < 0 ? after.length : after.indexOf('\n', to)
    if (end - at !== stop - to || before.slice(at, end) !== after.slice(to, stop)) count++
    to = stop + 1
  }
  return count
}
