// Decides which lines the patterns must read: those that hold a required string of some pattern and
// are short enough for it.

import type { TextColumn } from '../../src/core/batch.ts'
import type { Fragment } from '../../src/kernels/candidates/candidate-tables.ts'
import {
  type Candidates,
  candidateScanner,
  FRAGMENT,
} from '../../src/kernels/candidates/candidates.ts'
import { lineFolder } from '../../src/kernels/line-fold/kernel.ts'
import { COUNT, COUNTS, FLAG, type FoldedLines } from '../../src/kernels/line-fold/reference.ts'
import { MAY, MOST_WORDS } from './line.ts'
import { waysToMatch } from './literals.ts'
import { AFFILIATE, NETWORK, ORDER, SHORT, STRONG, WHOLE_LINE } from './phrases.ts'

/** What a literal in a folded line may indicate. */
interface Meaning {
  /** Of `MAY`: `short`, `strong`, `order` and `sharing`. */
  may: number
  /** Longest line in characters for which it counts. */
  span: number
}

const NOTHING: Meaning = { may: 0, span: -1 }

/** Longest fragment in bytes; of a longer literal, the beginning is used. */
const FRAGMENT_BYTES = 16

/** Meanings by the bytes of a literal. */
function meanings(): ReadonlyMap<string, Meaning> {
  const found = new Map<string, Meaning>()
  const add = (patterns: readonly RegExp[], meant: (longest: number) => Partial<Meaning>): void => {
    for (const { literals, longest } of patterns.flatMap(waysToMatch)) {
      for (const literal of literals) {
        const bytes = Buffer.from(literal).subarray(0, FRAGMENT_BYTES).toString('latin1')
        const { may, span } = found.get(bytes) ?? NOTHING
        const more = { ...NOTHING, ...meant(longest) }
        found.set(bytes, { may: may | more.may, span: Math.max(span, more.span) })
      }
    }
  }
  add([WHOLE_LINE], (longest) => ({ span: longest }))
  add(SHORT, () => ({ may: MAY.short }))
  add(STRONG, () => ({ may: MAY.strong }))
  add(ORDER, () => ({ may: MAY.order }))
  add([NETWORK], () => ({ may: MAY.sharing }))
  // `x` is too short for a fragment, so folding counts it.
  found.delete('x')
  return found
}

/** Byte strings of which every affiliate address contains one, in the unfolded line. */
export const AFFILIATE_LITERALS: readonly string[] = waysToMatch(AFFILIATE).flatMap(
  ({ literals }) => literals,
)

/** Lines collected to be judged together. */
export interface Suspects {
  clear(): void
  /** Adds bytes `[start, end)` of a row. `pays` tells that they contain an affiliate literal. */
  add(start: number, end: number, row: number, pays: boolean): void
  /**
   * Calls `judge` for every line that patterns must read, in the order they were added. `may` holds
   * the ways in which it can be an advertisement.
   */
  each(
    column: TextColumn,
    judge: (row: number, start: number, end: number, may: number) => void,
  ): void
}

/** Derived from the patterns once per process. */
let known: readonly (readonly [string, Meaning])[] | undefined

export function suspects(): Suspects {
  known ??= [...meanings()]
  const scan = candidateScanner({
    marks: [],
    numbers: false,
    fragments: known.map(([text]): Fragment => ({ bytes: Buffer.from(text, 'latin1') })),
  })
  const meant = known.map(([, meaning]) => meaning)
  const fold = lineFolder()
  let lines = new Uint32Array(2048)
  let rows = new Uint32Array(1024)
  let paying = new Uint8Array(1024)
  let count = 0
  const grow = (): void => {
    const [longer, moreRows, morePaying] = [
      new Uint32Array(count * 4),
      new Uint32Array(count * 2),
      new Uint8Array(count * 2),
    ]
    longer.set(lines)
    moreRows.set(rows)
    morePaying.set(paying)
    lines = longer
    rows = moreRows
    paying = morePaying
  }
  return {
    clear() {
      count = 0
    },
    add(start, end, row, pays) {
      if (count === rows.length) grow()
      lines[count * 2] = start
      lines[count * 2 + 1] = end
      rows[count] = row
      paying[count++] = pays ? 1 : 0
    },
    each(column, judge) {
      for (let from = 0; from < count; from += MOST_LINES) {
        const some = lines.subarray(from * 2, Math.min(count, from + MOST_LINES) * 2)
        fold(column, some, (folded) => {
          const found = scan(folded)
          let next = 0
          for (let i = 0; i * 2 < some.length; i++) {
            const first = next
            const end = folded.offsets[i + 1] ?? 0
            while (next < found.count && (found.positions[next] ?? 0) < end) next++
            const may =
              unworded(folded, i, paying[from + i] === 1) |
              phrased(folded.counts, i * COUNTS, meant, found, first, next)
            if (may !== 0) judge(rows[from + i] ?? 0, some[i * 2] ?? 0, some[i * 2 + 1] ?? 0, may)
          }
        })
      }
    },
  }
}

/** Most lines folded at once. */
const MOST_LINES = 1 << 16

/** What line `i` may be regardless of its words: only addresses, only tags, or only pictures. */
function unworded({ counts, bytes, offsets }: FoldedLines, i: number, pays: boolean): number {
  const at = i * COUNTS
  const flags = counts[at + COUNT.flags] ?? 0
  if (flags & (FLAG.odd | FLAG.foreign)) return MAY.anything
  const tags = counts[at + COUNT.tags] ?? 0
  const may = tags >= 3 && (counts[at + COUNT.tokens] ?? 0) * 2 <= tags ? MAY.tags : 0
  if ((flags & FLAG.address) === 0) return may
  const words = counts[at + COUNT.words] ?? 0
  // A single word is a label.
  const alone =
    words === 0 || (words === 1 && endsInColon(bytes, offsets[i] ?? 0, offsets[i + 1] ?? 0))
  return (
    may | (alone ? MAY.addresses : 0) | (pays && words <= MOST_WORDS.affiliate ? MAY.affiliate : 0)
  )
}

/** Whether a folded line ends in a colon, apart from blanks. */
function endsInColon(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end - 1
  while (at > start && bytes[at] === 0x20) at--
  return bytes[at] === 0x3a
}

/** What a line may be according to the literals of candidates `[first, last)`. */
function phrased(
  counts: Int32Array,
  at: number,
  meant: readonly Meaning[],
  { kinds }: Candidates,
  first: number,
  last: number,
): number {
  let networks = counts[at + COUNT.crosses] ?? 0
  let said = 0
  for (let next = first; next < last; next++) {
    const { may, span } = meant[(kinds[next] ?? 0) - FRAGMENT] ?? NOTHING
    said |= may
    if (may & MAY.sharing) networks++
    if ((counts[at + COUNT.span] ?? 0) <= span) said |= MAY.whole
  }
  if (networks < 3) said &= ~MAY.sharing
  else said |= MAY.sharing
  return said & possible(counts, at)
}

/** What a line may be according to its length and to a number in it. */
function possible(counts: Int32Array, at: number): number {
  const words = counts[at + COUNT.words] ?? 0
  const called =
    (counts[at + COUNT.digits] ?? 0) >= 7 || ((counts[at + COUNT.flags] ?? 0) & FLAG.bracket) !== 0
  return (
    MAY.whole |
    MAY.sharing |
    (words <= MOST_WORDS.short ? MAY.short : 0) |
    (words <= MOST_WORDS.strong ? MAY.strong : 0) |
    (called && words <= MOST_WORDS.order ? MAY.order : 0)
  )
}
