/**
 * Learns the merges of a BPE vocabulary in the same way as SentencePiece's BPE trainer. The most
 * frequent pair of neighbours repeatedly becomes one piece; of equally frequent pairs the shorter
 * one, then the one that sorts first. A piece has characters of one script only and at most 16 of
 * them. Digits are never merged. A piece has white space only at its beginning or consists of
 * nothing else.
 *
 * Two rules differ, for Arabic: combining marks and the tatweel may join letters of any script, and
 * the digits of every script are kept apart, not only ASCII ones.
 */

/** How a space is written in pieces. */
export const SPACE = '\u2581'

/** What the trainer has learned. */
export interface BpeTraining {
  /** Pieces of more than one character, in the order they were learned. */
  readonly merged: readonly string[]
  /** Single characters, most frequent first. */
  readonly characters: readonly string[]
}

/** How much the trainer should learn. */
export interface BpeTrainingOptions {
  /**
   * Wanted number of pieces, including single characters. There are fewer if no pair occurs twice
   * any more.
   */
  readonly pieces: number
  /** Share of the text that the single characters must cover. The rest is left to byte pieces. */
  readonly coverage: number
}

const MAX_PIECE = 16
const ANY_SCRIPT = 0
const SPACE_SCRIPT = -1
const DIGIT_SCRIPT = -2

/**
 * Learns from words and their frequencies. White space is written as U+2581, at the beginning of a
 * word only.
 */
export function trainBpe(
  words: ReadonlyMap<string, number>,
  options: BpeTrainingOptions,
): BpeTraining {
  const characters = coveredCharacters(words, options.coverage)
  const symbols = symbolTable(characters)
  const text = layOut(words, symbols.ofCharacter)
  const pairs = pairTable(text, symbols)
  const merged: string[] = []
  const known = new Set<string>()
  while (merged.length < options.pieces - characters.length) {
    const best = pairs.takeBest()
    if (best < 0) break
    const string = pairs.stringOf(best)
    // "aaa" arises from "aa" + "a" and from "a" + "aa"; one piece is enough.
    if (known.has(string)) continue
    known.add(string)
    merged.push(string)
    pairs.merge(best, symbols.add(string, pairs.scriptOf(best)))
  }
  return { merged, characters }
}

/**
 * The most frequent characters that together cover the wanted share. U+0000 never becomes a piece.
 */
function coveredCharacters(words: ReadonlyMap<string, number>, coverage: number): string[] {
  const counts = new Map<string, number>()
  let total = 0
  for (const [word, count] of words) {
    for (const character of word) {
      if (character === '\0') continue
      counts.set(character, (counts.get(character) ?? 0) + count)
      total += count
    }
  }
  const ranked = [...counts].sort(
    ([a, m], [b, n]) => n - m || (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0),
  )
  const kept: string[] = []
  let covered = 0
  for (const [character, count] of ranked) {
    if (covered / total >= coverage) break
    covered += count
    kept.push(character)
  }
  return kept
}

const SCRIPTS = [
  /\p{Script=Common}/u,
  /\p{Script=Latin}/u,
  /\p{Script=Arabic}/u,
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc]/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Hebrew}/u,
  /\p{Script=Hangul}/u,
  /\p{Script=Devanagari}/u,
  /\p{Script=Thai}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Georgian}/u,
  /\p{Script=Bengali}/u,
  /\p{Script=Tamil}/u,
]

function scriptOf(character: string): number {
  if (character === SPACE) return SPACE_SCRIPT
  if (/\p{Nd}/u.test(character)) return DIGIT_SCRIPT
  if (character === '\u0640' || /\p{Script=Inherited}/u.test(character)) return ANY_SCRIPT
  const index = SCRIPTS.findIndex((script) => script.test(character))
  return index < 0 ? SCRIPTS.length + 1 : index + 1
}

interface Symbols {
  readonly strings: string[]
  /** Lengths in characters. */
  readonly sizes: number[]
  readonly scripts: number[]
  readonly ofCharacter: ReadonlyMap<string, number>
  add(string: string, script: number): number
}

function symbolTable(characters: readonly string[]): Symbols {
  const strings = [...characters]
  const sizes = characters.map(() => 1)
  const scripts = characters.map(scriptOf)
  return {
    strings,
    sizes,
    scripts,
    ofCharacter: new Map(characters.map((character, index) => [character, index])),
    add(string, script) {
      strings.push(string)
      sizes.push([...string].length)
      scripts.push(script)
      return strings.length - 1
    },
  }
}

/**
 * All words in sequence: one symbol per character (-1: not covered), then -2 at the end of a word.
 */
interface Layout {
  readonly symbols: Int32Array
  /** Index of the neighbour to the right or left, updated while merging. */
  readonly next: Int32Array
  readonly previous: Int32Array
  /** How often the word at an index occurs. */
  readonly counts: Float64Array
}

const END = -2
const GONE = -3

function layOut(
  words: ReadonlyMap<string, number>,
  ofCharacter: ReadonlyMap<string, number>,
): Layout {
  const sorted = [...words].sort(([a], [b]) => (a < b ? -1 : 1))
  let size = 1
  for (const [word] of sorted) size += word.length + 1
  const symbols = new Int32Array(size).fill(END)
  const counts = new Float64Array(size)
  let at = 1
  for (const [word, count] of sorted) {
    for (const character of word) {
      counts[at] = count
      symbols[at++] = ofCharacter.get(character) ?? -1
    }
    at++
  }
  const next = new Int32Array(size)
  const previous = new Int32Array(size)
  for (let place = 0; place < size; place++) {
    next[place] = Math.min(place + 1, size - 1)
    previous[place] = Math.max(place - 1, 0)
  }
  return { symbols, next, previous, counts }
}

/**
 * Pairs of neighbouring symbols with their frequencies and indices, and a heap of the most
 * frequent.
 */
function pairTable(text: Layout, table: Symbols) {
  const { symbols, next, previous, counts } = text
  const ids = new Map<number, number>()
  const left: number[] = []
  const right: number[] = []
  const frequency: number[] = []
  const places: number[][] = []

  const before = (a: number, b: number): boolean => {
    if (heapFrequency[a] !== heapFrequency[b]) return heapFrequency[a]! > heapFrequency[b]!
    const x = heap[a]!
    const y = heap[b]!
    const sizeX = table.sizes[left[x]!]! + table.sizes[right[x]!]!
    const sizeY = table.sizes[left[y]!]! + table.sizes[right[y]!]!
    if (sizeX !== sizeY) return sizeX < sizeY
    const stringX = stringOf(x)
    const stringY = stringOf(y)
    return stringX === stringY ? x < y : stringX < stringY
  }
  const heap: number[] = []
  const heapFrequency: number[] = []
  const swap = (a: number, b: number): void => {
    const pair = heap[a]!
    const value = heapFrequency[a]!
    heap[a] = heap[b]!
    heapFrequency[a] = heapFrequency[b]!
    heap[b] = pair
    heapFrequency[b] = value
  }
  const push = (pair: number): void => {
    let at = heap.push(pair) - 1
    heapFrequency.push(frequency[pair]!)
    while (at > 0 && before(at, (at - 1) >> 1)) {
      swap(at, (at - 1) >> 1)
      at = (at - 1) >> 1
    }
  }
  const pop = (): number => {
    swap(0, heap.length - 1)
    const pair = heap.pop()!
    heapFrequency.pop()
    for (let at = 0; ; ) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(child + 1, child)) child++
      if (!before(child, at)) break
      swap(child, at)
      at = child
    }
    return pair
  }

  const stringOf = (pair: number): string =>
    table.strings[left[pair]!]! + table.strings[right[pair]!]!
  const pairOf = (a: number, b: number): number => {
    if (a < 0 || b < 0) return -1
    const key = a * 2 ** 22 + b
    const known = ids.get(key)
    if (known !== undefined) return known
    if (!canJoin(table, a, b)) {
      ids.set(key, -1)
      return -1
    }
    const pair = left.push(a) - 1
    right.push(b)
    frequency.push(0)
    places.push([])
    ids.set(key, pair)
    return pair
  }
  const count = (place: number, change: 1 | -1): number => {
    const pair = pairOf(symbols[place]!, symbols[next[place]!]!)
    if (pair < 0) return -1
    frequency[pair]! += change * counts[place]!
    if (change > 0) places[pair]!.push(place)
    return pair
  }

  for (let place = 0; place < symbols.length; place++) count(place, 1)
  for (let pair = 0; pair < left.length; pair++) push(pair)

  return {
    stringOf,
    scriptOf(pair: number): number {
      const first = table.scripts[left[pair]!]!
      return first === SPACE_SCRIPT || first === ANY_SCRIPT ? table.scripts[right[pair]!]! : first
    },
    /**
     * The pair to merge next, or -1 if no pair occurs twice. Heap entries with an old frequency are
     * pushed again.
     */
    takeBest(): number {
      while (heap.length > 0) {
        const stale = heapFrequency[0]!
        const pair = pop()
        if (frequency[pair] === stale) return stale >= 2 ? pair : -1
        if (frequency[pair]! > 0) push(pair)
      }
      return -1
    },
    merge(pair: number, symbol: number): void {
      const fresh = new Set<number>()
      const own = places[pair]!
      if (left[pair] === right[pair]) own.sort((a, b) => a - b)
      places[pair] = []
      for (const place of own) {
        const after = next[place]!
        if (symbols[place] !== left[pair] || symbols[after] !== right[pair]) continue
        count(previous[place]!, -1)
        count(after, -1)
        symbols[place] = symbol
        symbols[after] = GONE
        next[place] = next[after]!
        previous[next[after]!] = place
        fresh.add(count(previous[place]!, 1))
        fresh.add(count(place, 1))
      }
      fresh.delete(-1)
      for (const made of fresh) push(made)
    },
  }
}

function canJoin({ strings, sizes, scripts }: Symbols, a: number, b: number): boolean {
  if (sizes[a]! + sizes[b]! > MAX_PIECE) return false
  const x = scripts[a]!
  const y = scripts[b]!
  if (x === DIGIT_SCRIPT || y === DIGIT_SCRIPT) return false
  if (strings[b]!.startsWith(SPACE)) return x === SPACE_SCRIPT && y === SPACE_SCRIPT
  if (x === SPACE_SCRIPT) return sizes[a] === 1
  return x === y || x === ANY_SCRIPT || y === ANY_SCRIPT
}
