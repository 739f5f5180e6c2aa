// Which lines the patterns need to read: those that hold what some pattern cannot do without, in a line as short as it asks for.
import type { TextColumn } from '../../src/core/batch.ts'
import { type Candidates, candidateScanner, FRAGMENT, type Fragment } from '../../src/kernels/candidates.ts'
import { COUNT, COUNTS, FLAG } from '../../src/kernels/line-fold.ts'
import { lineFolder } from '../../src/kernels/line-fold-kernel.ts'
import { MOST_WORDS } from './line.ts'
import { waysToMatch } from './literals.ts'
import { AFFILIATE, NETWORK, ORDER, SHORT, STRONG, WHOLE_LINE } from './phrases.ts'

/** What a literal found in a folded line may mean. */
interface Meaning {
  /** An advertisement if the line has at most this many words, -1 for never. */
  words: number
  /** An advertisement if the line is at most this many characters long. */
  span: number
  /** The word of a seller: an advertisement together with a number. */
  order: boolean
  /** Name of a network. */
  network: boolean
}

const NOTHING: Meaning = { words: -1, span: -1, order: false, network: false }

/** Fragments are at most this long; the beginning of a longer literal does. */
const FRAGMENT_BYTES = 16

/** Meanings by the bytes of a literal. */
function meanings(): ReadonlyMap<string, Meaning> {
  const found = new Map<string, Meaning>()
  const add = (patterns: readonly RegExp[], meant: (longest: number) => Partial<Meaning>): void => {
    for (const { literals, longest } of patterns.flatMap(waysToMatch)) {
      for (const literal of literals) {
        const bytes = Buffer.from(literal).subarray(0, FRAGMENT_BYTES).toString('latin1')
        const meaning = found.get(bytes) ?? { ...NOTHING }
        const { words = -1, span = -1, order = false, network = false } = meant(longest)
        meaning.words = Math.max(meaning.words, words)
        meaning.span = Math.max(meaning.span, span)
        meaning.order ||= order
        meaning.network ||= network
        found.set(bytes, meaning)
      }
    }
  }
  add([WHOLE_LINE], (longest) => ({ span: longest }))
  add(SHORT, () => ({ words: MOST_WORDS.short }))
  add(STRONG, () => ({ words: MOST_WORDS.strong }))
  add(ORDER, () => ({ order: true }))
  add([NETWORK], () => ({ network: true }))
  // `x` is too short for a fragment: the folding counts it.
  found.delete('x')
  return found
}

/** What is in every address that pays, in the bytes of a line as it is. */
export const AFFILIATE_LITERALS: readonly string[] = waysToMatch(AFFILIATE).flatMap(({ literals }) => literals)

/** Lines set aside to be judged together. */
export interface Suspects {
  clear(): void
  /** Sets bytes `[start, end)` of a row aside; `pays` says that an affiliate literal is in them. */
  add(start: number, end: number, row: number, pays: boolean): void
  /** Calls `judge` for every line of the column that the patterns must read, in the order they were added. */
  each(column: TextColumn, judge: (row: number, start: number, end: number) => void): void
}

/** Read off the patterns once a process. */
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
      if (count === 0) return
      fold(column, lines.subarray(0, count * 2), (folded) => {
        const found = scan(folded)
        let next = 0
        for (let i = 0; i < count; i++) {
          const first = next
          const end = folded.offsets[i + 1] ?? 0
          while (next < found.count && (found.positions[next] ?? 0) < end) next++
          const line = { counts: folded.counts, at: i * COUNTS }
          if (!isSuspect(line, paying[i] === 1) && !holdsPhrase(line, meant, found, first, next)) continue
          judge(rows[i] ?? 0, lines[i * 2] ?? 0, lines[i * 2 + 1] ?? 0)
        }
      })
    },
  }
}

/** The counts of a line, from `at` on. */
interface Line {
  readonly counts: Int32Array
  readonly at: number
}
const countOf = ({ counts, at }: Line, name: keyof typeof COUNT): number => counts[at + COUNT[name]] ?? 0

/** Whether the line must be read whatever words are in it: addresses alone, tags or pictures alone. */
function isSuspect(line: Line, pays: boolean): boolean {
  const flags = countOf(line, 'flags')
  if (flags & (FLAG.odd | FLAG.foreign)) return true
  const words = countOf(line, 'words')
  if (flags & FLAG.address && (words <= 1 || (pays && words <= MOST_WORDS.affiliate))) return true
  const tags = countOf(line, 'tags')
  return tags >= 3 && countOf(line, 'tokens') * 2 <= tags
}

/** Whether a literal of candidates `[first, last)` may mean that the line is an advertisement. */
function holdsPhrase(
  line: Line,
  meant: readonly Meaning[],
  { kinds }: Candidates,
  first: number,
  last: number,
): boolean {
  let networks = countOf(line, 'crosses')
  if (networks >= 3) return true
  if (first === last) return false
  const words = countOf(line, 'words')
  const called = countOf(line, 'digits') >= 7 || (countOf(line, 'flags') & FLAG.bracket) !== 0
  for (let at = first; at < last; at++) {
    const meaning = meant[(kinds[at] ?? 0) - FRAGMENT] ?? NOTHING
    if (words <= meaning.words || countOf(line, 'span') <= meaning.span) return true
    if (meaning.order && called && words <= MOST_WORDS.order) return true
    if (meaning.network && ++networks >= 3) return true
  }
  return false
}
