// Which lines the patterns need to read: those that hold what some pattern cannot do without, in a line as short as it asks for.
import { type Candidates, candidateScanner, FRAGMENT, type Fragment } from '../../src/kernels/candidates.ts'
import { foldBytes, lineFolder } from './fold-bytes.ts'
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
  /** Sets `bytes[start, end)` of a row aside if it may be an advertisement; `pays` says that an affiliate literal is in it. */
  add(bytes: Uint8Array, start: number, end: number, row: number, pays: boolean): void
  /** Calls `judge` for every line that the patterns must read, in the order they were added. */
  each(judge: (row: number, start: number, end: number) => void): void
}

/** Lists per line. */
const LISTS = ['row', 'start', 'end', 'words', 'span', 'names', 'seller', 'certain'] as const

export function suspects(): Suspects {
  const known = [...meanings()]
  const scan = candidateScanner({
    marks: [],
    numbers: false,
    fragments: known.map(([text]): Fragment => ({ bytes: Buffer.from(text, 'latin1') })),
  })
  const meant = known.map(([, meaning]) => meaning)
  const folder = lineFolder()
  let offsets = new Int32Array(1024)
  let lists = newLists(1024)
  let count = 0
  const grow = (): void => {
    const grown = newLists(count * 2)
    for (const name of LISTS) grown[name].set(lists[name])
    lists = grown
    const longer = new Int32Array(count * 2 + 1)
    longer.set(offsets)
    offsets = longer
  }
  return {
    clear() {
      count = folder.length = 0
    },
    add(bytes, start, end, row, pays) {
      foldBytes(folder, bytes, start, end)
      if (count + 1 >= offsets.length) grow()
      lists.row[count] = row
      lists.start[count] = start
      lists.end[count] = end
      lists.words[count] = folder.words
      lists.span[count] = folder.span
      lists.names[count] = folder.crosses
      lists.seller[count] = folder.words <= MOST_WORDS.order && (folder.digits >= 7 || folder.hasBracket) ? 1 : 0
      lists.certain[count] = isSuspect(folder, pays) ? 1 : 0
      offsets[++count] = folder.length
    },
    each(judge) {
      const column = { bytes: folder.out.subarray(0, folder.length), offsets: offsets.subarray(0, count + 1) }
      const candidates = scan(column)
      let next = 0
      for (let i = 0; i < count; i++) {
        const first = next
        while (next < candidates.count && (candidates.positions[next] ?? 0) < (offsets[i + 1] ?? 0)) next++
        if (lists.certain[i] === 1 || holdsPhrase(candidates, first, next, i))
          judge(lists.row[i] ?? 0, lists.start[i] ?? 0, lists.end[i] ?? 0)
      }
    },
  }

  function holdsPhrase({ kinds }: Candidates, first: number, last: number, i: number): boolean {
    let networks = lists.names[i] ?? 0
    if (networks >= 3) return true
    for (let at = first; at < last; at++) {
      const { words, span, order, network } = meant[(kinds[at] ?? 0) - FRAGMENT] ?? NOTHING
      if ((lists.words[i] ?? 0) <= words || (lists.span[i] ?? 0) <= span || (order && lists.seller[i] === 1))
        return true
      if (network && ++networks >= 3) return true
    }
    return false
  }
}

const newLists = (length: number): Record<(typeof LISTS)[number], Int32Array> =>
  Object.fromEntries(LISTS.map((name) => [name, new Int32Array(length)])) as Record<(typeof LISTS)[number], Int32Array>

/** Whether the line must be read whatever words are in it: addresses alone, tags or pictures alone. */
function isSuspect(line: ReturnType<typeof lineFolder>, pays: boolean): boolean {
  if (line.isOdd || line.isForeign) return true
  if (line.hasAddress && (line.words <= 1 || (pays && line.words <= MOST_WORDS.affiliate))) return true
  return line.tags >= 3 && line.tokens * 2 <= line.tags
}
