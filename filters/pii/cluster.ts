// Reads clusters of digits and separators into plain ASCII, with the byte position of every
// character.
import { digitLength, separatorLength } from '../../src/kernels/candidates/candidates.ts'
import type { Passage } from './finding.ts'

/**
 * A stretch of text in ASCII: Arabic digits become 0–9, dashes `-`, blanks a space; marks are left
 * out.
 */
export interface Plain {
  /**
   * Includes the characters before and after the stretch: `a` for a letter, a space at the ends of
   * the passage.
   */
  readonly text: string
  /** Byte position of every character of `text`; valid until the next stretch is read. */
  readonly at: Int32Array
}

const SPACE = 0x20

/**
 * The cluster of digits and separators whose first digit is at `first`, with the `+` and brackets
 * before it; nothing before `from`.
 */
export function clusterAt(passage: Passage, first: number, from: number): Plain {
  return readPlain(passage, openedAt(passage, first, from), from, Number.POSITIVE_INFINITY, false)
}

/** Up to `limit` capital letters, digits and separators from `start`. */
export function codeAt(passage: Passage, start: number, from: number, limit: number): Plain {
  return readPlain(passage, start, from, limit, true)
}

/**
 * Buffer of the cluster being read. It grows when a cluster needs it and is overwritten by the next
 * cluster.
 */
const draft = { text: Buffer.alloc(256), at: new Int32Array(256), length: 0 }

function push(character: number, position: number): void {
  if (draft.length === draft.text.length) {
    draft.text = Buffer.concat([draft.text, Buffer.alloc(draft.length)])
    const grown = new Int32Array(draft.length * 2)
    grown.set(draft.at)
    draft.at = grown
  }
  draft.text[draft.length] = character
  draft.at[draft.length++] = position
}

function readPlain(
  { bytes, end }: Passage,
  start: number,
  from: number,
  limit: number,
  letters: boolean,
): Plain {
  draft.length = 0
  push(start > from ? neighbour(bytes[start - 1] ?? SPACE) : SPACE, start - 1)
  let position = start
  while (position < end && draft.length <= limit) {
    const byte = bytes[position] ?? 0
    const digit = digitLength(bytes, position, end)
    if (digit > 0) push(0x30 + ((bytes[position + digit - 1] ?? 0) & 0x0f), position)
    else if (letters && byte >= 0x41 && byte <= 0x5a) push(byte, position)
    if (digit > 0 || (letters && byte >= 0x41 && byte <= 0x5a)) {
      position += Math.max(1, digit)
      continue
    }
    const separator = separatorLength(bytes, position, end)
    if (separator === 0) break
    const plain = plainSeparator(bytes, position, separator)
    if (plain !== 0) push(plain, position)
    position += separator
  }
  push(position < end ? neighbour(bytes[position] ?? SPACE) : SPACE, position)
  return { text: draft.text.toString('latin1', 0, draft.length), at: draft.at }
}

/** Position of the `+`, brackets and marks directly before the first digit. */
function openedAt({ bytes }: Passage, first: number, from: number): number {
  let start = first
  for (let steps = 0; steps < 5 && start > from; steps++) {
    const before = bytes[start - 1] ?? 0
    if (before === 0x2b || before === 0x28 || (before === SPACE && bytes[start - 2] === 0x2b))
      start--
    else if (
      start - 3 >= from &&
      separatorLength(bytes, start - 3, start) === 3 &&
      isMark(bytes, start - 3)
    )
      start -= 3
    else break
  }
  return start
}

const isMark = (bytes: Buffer, at: number): boolean => plainSeparator(bytes, at, 3) === 0

/** The ASCII equivalent of a separator; 0 for zero-width and bidi marks. */
function plainSeparator(bytes: Buffer, at: number, length: number): number {
  if (length === 1) return bytes[at] ?? SPACE
  if (length === 2) return bytes[at] === 0xc2 ? SPACE : 0
  const middle = bytes[at + 1] ?? 0
  const last = bytes[at + 2] ?? 0
  if (middle === 0x88) return 0x2d
  if (middle === 0x81) return last === 0x9f ? SPACE : 0
  if (last >= 0x90 && last <= 0x95) return 0x2d
  return last <= 0x8a || last === 0xaf ? SPACE : 0
}

/**
 * Letters and `_` become `a`; other ASCII stays. Everything else, Arabic letters included, may
 * touch a number.
 */
function neighbour(byte: number): number {
  if ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f) return 0x61
  return byte < 0x80 ? byte : SPACE
}

/** Consecutive groups of digits. */
export interface Groups {
  /** All digits. */
  readonly digits: string
  /** Digits per group. */
  readonly lengths: readonly number[]
  /** Separators between the groups. */
  readonly separators: readonly string[]
  /** Where each group ends in the text. */
  readonly ends: readonly number[]
}

const MAX_GROUPS = 8
const MAX_DIGITS = 19

/** An upper bound of the digits that `groupsAt` would read from `start`. */
export function digitsFrom(text: string, start: number): number {
  let digits = 0
  let gap = 0
  for (let at = start, groups = 1; groups <= MAX_GROUPS && digits <= MAX_DIGITS && gap <= 3; at++) {
    if (isDigit(text, at)) {
      digits++
      if (gap > 0) groups++
      gap = 0
    } else if (isSeparator(text.charCodeAt(at))) gap++
    else break
  }
  return digits
}

/**
 * Reads up to 8 groups and 19 digits from `start`, which is at a digit. Never reads part of a
 * group.
 */
export function groupsAt(text: string, start: number): Groups {
  const lengths: number[] = []
  const separators: string[] = []
  const ends: number[] = []
  let digits = ''
  let at = start
  while (lengths.length < MAX_GROUPS) {
    let end = at
    while (isDigit(text, end) && end - at <= MAX_DIGITS) end++
    if (end === at || digits.length + end - at > MAX_DIGITS) break
    const separator = text.slice(ends.at(-1) ?? at, at)
    // A plus begins another number, as does a bracket that holds more than an area code.
    if (separator.includes('+') || (separator.includes('(') && digits.length > 4)) break
    if (lengths.length > 0) separators.push(separator)
    digits += text.slice(at, end)
    lengths.push(end - at)
    ends.push(end)
    at = end
    while (at - end < 4 && isSeparator(text.charCodeAt(at))) at++
    if (at - end > 3) break
  }
  return { digits, lengths, separators, ends }
}

/** The first `count` groups. */
export function firstGroups(groups: Groups, count: number): Groups {
  const lengths = groups.lengths.slice(0, count)
  return {
    digits: groups.digits.slice(
      0,
      lengths.reduce((sum, length) => sum + length, 0),
    ),
    lengths,
    separators: groups.separators.slice(0, count - 1),
    ends: groups.ends.slice(0, count),
  }
}

/** Whether there is a digit at the position. */
export function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}

const isSeparator = (code: number): boolean =>
  code === SPACE ||
  code === 0x28 ||
  code === 0x29 ||
  code === 0x2b ||
  (code >= 0x2d && code <= 0x2f)

/** The first digit after a finding, if only separators are between. */
export function digitBehind({ bytes, end }: Passage, from: number): number | undefined {
  let at = from
  for (let separators = 0; at < end && separators <= 3; separators++) {
    if (digitLength(bytes, at, end) > 0) return at
    const length = separatorLength(bytes, at, end)
    if (length === 0) return undefined
    at += length
  }
  return undefined
}
