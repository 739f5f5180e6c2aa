// Counts the code points of a text by class. The kernel is ./assembly.ts.
import { kernelFunctions, kernelMemory } from '../memory/module.ts'

/**
 * The classes, in the order of the counts. Letters and marks are split by script; `other` is
 * controls, unassigned code points and broken bytes.
 */
export const CHARACTER_CLASSES = [
  'arabicLetter',
  'latinUpper',
  'latinLower',
  'otherLetter',
  'arabicMark',
  'otherMark',
  'number',
  'punctuation',
  'symbol',
  'space',
  'other',
] as const
/** Name of a class. */
export type CharacterClass = (typeof CHARACTER_CLASSES)[number]

/** Later patterns win. A pattern with a third member applies only to code points of that class. */
const PATTERNS: readonly [CharacterClass, RegExp, CharacterClass?][] = [
  ['otherLetter', /\p{L}+/gu],
  ['latinLower', /\p{Script=Latin}+/gu, 'otherLetter'],
  ['latinUpper', /\p{Lu}+/gu, 'latinLower'],
  ['arabicLetter', /\p{Script_Extensions=Arabic}+/gu, 'otherLetter'],
  ['otherMark', /\p{M}+/gu],
  ['arabicMark', /\p{Script_Extensions=Arabic}+/gu, 'otherMark'],
  ['number', /\p{N}+/gu],
  ['punctuation', /\p{P}+/gu],
  ['symbol', /\p{S}+/gu],
  ['space', /\p{White_Space}+/gu],
]

/**
 * A class for each code point, stored as one row of 64 for each distinct block of 64 code points.
 * The low six bits of a code point are the last byte of its UTF-8 sequence.
 */
export interface CharacterTable {
  /** Number of classes. The last is for controls, unassigned code points and broken bytes. */
  readonly size: number
  /** For each block its row of `classes`. */
  readonly blocks: Uint16Array
  /** Rows of 64 classes. */
  readonly classes: Uint8Array
}

/**
 * Stretches [from, to) that hold assigned characters; every other code point is of the last class.
 * The code points of one stretch all have the same number of UTF-16 units.
 */
const ASSIGNED = [
  [0, 0xd800],
  [0xe000, 0x10000],
  [0x10000, 0x33480],
  [0xe0000, 0xe0200],
] as const
const BLOCKS = 0x110000 / 64

/**
 * Assigns the class `value` to the code points that a global pattern matches in runs; with `over`,
 * only to those that have had the class `over`.
 */
export interface ClassRule {
  readonly value: number
  readonly pattern: RegExp
  readonly over?: number
}

/**
 * Builds a table from rules. Later rules win; code points that none matches are of class `size -
 * 1`.
 */
export function characterTable(size: number, rules: readonly ClassRule[]): CharacterTable {
  const classes = new Uint8Array(0x110000).fill(size - 1)
  for (const { value, pattern, over } of rules) {
    forEachRun(pattern, (from, to) => {
      if (over === undefined) classes.fill(value, from, to)
      else
        for (let point = from; point < to; point++)
          if (classes[point] === over) classes[point] = value
    })
  }
  return { size, ...packClasses(classes) }
}

/**
 * Calls `found` with each run [from, to) of neighbouring assigned code points that a global pattern
 * matches, and with its text.
 */
export function forEachRun(
  pattern: RegExp,
  found: (from: number, to: number, text: string) => void,
): void {
  for (const { first, units, text } of assignedCharacters()) {
    for (const { 0: run, index } of text.matchAll(pattern)) {
      found(first + index / units, first + (index + run.length) / units, run)
    }
  }
}

/** Calls `found` with each assigned code point that a global pattern matches in runs. */
export function forEachMatch(pattern: RegExp, found: (point: number) => void): void {
  forEachRun(pattern, (from, to) => {
    for (let point = from; point < to; point++) found(point)
  })
}

let assigned: readonly Stretch[] | undefined

/** Neighbouring code points from `first`, each of `units` UTF-16 units. */
interface Stretch {
  readonly first: number
  readonly units: number
  readonly text: string
}

function assignedCharacters(): readonly Stretch[] {
  assigned ??= ASSIGNED.map(([from, to]) => ({
    first: from,
    units: from < 0x10000 ? 1 : 2,
    text: codePoints(from, to),
  }))
  return assigned
}

let general: CharacterTable | undefined

/**
 * The table of `CHARACTER_CLASSES`, built once per process from the Unicode data of the running
 * Node.
 */
export function generalCharacterTable(): CharacterTable {
  const index = (name: CharacterClass): number => CHARACTER_CLASSES.indexOf(name)
  const rules = PATTERNS.map(([name, pattern, over]) => ({
    value: index(name),
    pattern,
    ...(over && { over: index(over) }),
  }))
  general ??= characterTable(CHARACTER_CLASSES.length, rules)
  return general
}

function codePoints(from: number, to: number): string {
  const units = new Uint16Array(from < 0x10000 ? to - from : 2 * (to - from))
  for (let point = from, at = 0; point < to; point++) {
    if (point < 0x10000) units[at++] = point
    else {
      units[at++] = 0xd800 + ((point - 0x10000) >> 10)
      units[at++] = 0xdc00 + (point & 0x3ff)
    }
  }
  return Buffer.from(units.buffer).toString('utf16le')
}

/**
 * Packs a class per code point into rows. Equal rows are stored once, in the order of their first
 * occurrence.
 */
export function packClasses(classes: Uint8Array): Omit<CharacterTable, 'size'> {
  const rows = new Map<string, number>()
  const blocks = new Uint16Array(BLOCKS)
  const distinct: Uint8Array[] = []
  for (let block = 0; block < BLOCKS; block++) {
    const row = classes.subarray(block * 64, block * 64 + 64)
    const before = distinct[blocks[block - 1] ?? -1]
    if (before && Buffer.compare(row, before) === 0) {
      blocks[block] = blocks[block - 1]!
      continue
    }
    const key = Buffer.from(row.buffer, row.byteOffset, row.length).toString('latin1')
    const known = rows.get(key) ?? distinct.push(row) - 1
    rows.set(key, known)
    blocks[block] = known
  }
  const packed = new Uint8Array(distinct.length * 64)
  for (const [index, row] of distinct.entries()) packed.set(row, index * 64)
  return { blocks, classes: packed }
}

/**
 * Counts the code points of UTF-8 text by class. Decoding is lenient: the lead byte decides the
 * length of a sequence. Each stray continuation byte and each sequence cut off by the end counts as
 * one of the last class.
 */
export function countCharactersReference(text: Uint8Array, table: CharacterTable): Uint32Array {
  const { blocks, classes, size } = table
  const counts = new Uint32Array(size)
  for (let at = 0; at < text.length; ) {
    const lead = text[at]!
    const length = lead < 0xc0 || lead >= 0xf8 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
    let point = length === 1 ? lead : lead & (0x7f >> length)
    for (let i = 1; i < length; i++) point = (point << 6) | (text[at + i]! & 0x3f)
    const broken = (length === 1 && lead >= 0x80) || at + length > text.length || point >= 0x110000
    const kind = broken ? size - 1 : classes[blocks[point >> 6]! * 64 + (point & 63)]!
    counts[kind] = counts[kind]! + 1
    at += length
  }
  return counts
}

interface Kernel {
  countCharacters(
    text: number,
    end: number,
    blocks: number,
    classes: number,
    counts: number,
    other: number,
    latin: number,
    arabic: number,
  ): void
}

/**
 * Counts the code points of the text [start, end) in the kernels' memory. The next call overwrites
 * the returned array.
 */
export type CharacterCounter = (start: number, end: number) => Uint32Array

/** The kernel of `countCharactersReference`. It keeps the table in its memory permanently. */
export function characterCounter(table: CharacterTable): CharacterCounter {
  const { countCharacters } = kernelFunctions<Kernel>('countCharacters')
  const memory = kernelMemory()
  const blocksAt = memory.keep(table.blocks)
  const classesAt = memory.keep(table.classes)
  const countsAt = memory.reserve(table.size * 4)
  const counts = new Uint32Array(memory.bytes.buffer, countsAt, table.size)
  const { latin, arabic } = plainClasses(table)
  return (start, end) => {
    counts.fill(0)
    countCharacters(start, end, blocksAt, classesAt, countsAt, table.size - 1, latin, arabic)
    return counts
  }
}

/**
 * The classes for which the kernel counts many bytes at a time; -1 if the table distinguishes more
 * of ASCII than letters from the rest.
 */
function plainClasses({ size, blocks, classes }: CharacterTable): {
  readonly latin: number
  readonly arabic: number
} {
  const classOf = (point: number): number => classes[blocks[point >> 6]! * 64 + (point & 63)]!
  const single = (points: readonly number[]): number => {
    const found = new Set(points.map(classOf))
    return found.size === 1 ? [...found][0]! : -1
  }
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i)
  const letters = [...range(0x41, 0x5a), ...range(0x61, 0x7a)]
  const latin = single(letters)
  const arabic = single([...range(0x621, 0x63a), ...range(0x641, 0x64a)])
  const rest = single(range(0, 0x7f).filter((point) => !letters.includes(point)))
  return arabic >= 0 && rest === size - 1 ? { latin, arabic } : { latin: -1, arabic: -1 }
}
