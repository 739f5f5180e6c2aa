// The compiled version of reference.ts.
import { forEachMatch, packClasses } from '../characters/characters.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import { COUNT, type Counts, foldWord, MARKS } from './reference.ts'

/**
 * Counts the text [start, end) in the kernels' memory. The next call overwrites the returned array.
 * Returns undefined if the text is not UTF-8 or has more than 2^20 words or lines.
 */
export type StatisticsCounter = (start: number, end: number) => Counts | undefined

interface Functions {
  countStatistics(
    text: number,
    end: number,
    tables: number,
    out: number,
    room: number,
    most: number,
  ): number
  addStopWords(
    text: number,
    end: number,
    tables: number,
    out: number,
    room: number,
    most: number,
  ): void
}

/** Flags of the kernel in its order; `space` is bit 0. */
const FLAGS = [
  'space',
  'letter',
  'word',
  'removed',
  'sign',
  'double',
  'terminal',
  'closer',
] as const
const PATTERNS: Readonly<Record<(typeof FLAGS)[number], RegExp>> = {
  space: /\s+/gu,
  letter: /\p{L}+/gu,
  word: /[\p{L}\p{N}]+/gu,
  removed: MARKS,
  sign: /…/gu,
  double: /\u0130/gu,
  terminal: /[.!?…؟۔:؛]/gu,
  closer: /["'”’»)\]]/gu,
}
/** Characters that folding may change. */
const FOLDED = /[\p{Changes_When_Lowercased}أإآٱىةς]/gu

const MOST_WORDS = 1 << 20

/**
 * The kernel of `countStatistics`, with stop words of its own. Its tables stay in the kernels'
 * memory permanently.
 */
export function statisticsCounter(stopWords: ReadonlySet<string>): StatisticsCounter {
  const { countStatistics, addStopWords } = kernelFunctions<Functions>(
    'countStatistics',
    'addStopWords',
  )
  const memory = kernelMemory()
  const tables = placeTables(stopWords.size)
  const size = Object.keys(COUNT).length
  const out = memory.reserve(size * 4)
  const counts = new Uint32Array(memory.bytes.buffer, out, size)
  memory.scope(() => {
    const text = Buffer.from([...stopWords].join(' '))
    const at = memory.lend(text)
    addStopWords(
      at,
      at + text.length,
      tables,
      out,
      memory.temporary(roomFor(text.length, stopWords.size)),
      stopWords.size,
    )
  })
  return (start, end) =>
    memory.scope(() => {
      const most = Math.min(MOST_WORDS, ((end - start) >> 1) + 1)
      const room = memory.temporary(roomFor(end - start, most))
      return countStatistics(start, end, tables, out, room, most) === 1 ? counts : undefined
    })
}

/**
 * Bytes of working memory: hashes and positions of words and lines, then either the folded bytes of
 * one word, or 12 bytes per word and a table of up to four slots of 12 bytes per word.
 */
function roomFor(bytes: number, most: number): number {
  return (most + 32) * 24 + Math.max(bytes * 1.5, (most + 32) * 60)
}

/**
 * Places the tables and the structure that describes them (class Tables of the kernel). Returns its
 * address.
 */
function placeTables(stopWords: number): number {
  const memory = kernelMemory()
  const { blocks, classes, entries } = foldingTable()
  const points = Int32Array.from(
    { length: 0x10000 },
    (_, point) => entries[classes[blocks[point >> 6]! * 64 + (point & 63)]!]!,
  )
  const buckets = 2 ** Math.ceil(Math.log2(stopWords + 1))
  return memory.keep(
    Uint32Array.of(
      memory.keep(blocks),
      memory.keep(classes),
      memory.keep(entries),
      memory.keep(points),
      memory.reserve(buckets * 32),
      buckets - 1,
    ),
  )
}

/**
 * A class per code point, and for each class what folding adds to the code point and its flags.
 * Whether a character is a letter or digit of a word depends on what it folds to.
 */
function foldingTable() {
  const flags = new Uint8Array(0x110000)
  for (const [bit, name] of FLAGS.entries()) {
    forEachMatch(PATTERNS[name], (point) => {
      flags[point]! |= 1 << bit
    })
  }
  // Unicode counts tatweel and some Quranic signs as letters.
  const entries = Int32Array.from(flags)
  forEachMatch(MARKS, (point) => {
    entries[point]! &= ~WORD
  })
  forEachMatch(FOLDED, (point) => {
    const other = foldWord(String.fromCodePoint(point).toLowerCase()).codePointAt(0)!
    entries[point] = ((other - point) << 8) | (flags[point]! & ~WORD) | (flags[other]! & WORD)
  })
  const numbers = new Map([[0, 0]])
  const classes = new Uint8Array(entries.length)
  for (let point = 0; point < entries.length; point++) {
    const entry = entries[point]!
    if (entry === 0) continue
    const number = numbers.get(entry) ?? numbers.size
    numbers.set(entry, number)
    classes[point] = number
  }
  return { ...packClasses(classes), entries: Int32Array.from(numbers.keys()) }
}

const WORD = 1 << FLAGS.indexOf('word')
