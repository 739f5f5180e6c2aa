// Mojibake: UTF-8 that was read in a single-byte encoding. The approach is ftfy's
// (https://github.com/rspeer/python-ftfy): characters are read back only if those that stand there
// are unlikely together. Here the evidence is that of single sequences in their word, so that a
// line may be partly right.
import { CHARSETS } from './charsets.ts'
import { isSuspicious } from './classes.ts'
import { evidenceIn, isFollower, isOdd } from './evidence.ts'
import { isPlausible } from './plausible.ts'
import { type Sequence, sequencePattern, sequencesIn } from './sequences.ts'

const READINGS = CHARSETS.map((charset) => ({ charset, pattern: sequencePattern(charset) }))

/** A line, and how many of its characters were read back. */
export interface ReadBack {
  readonly text: string
  readonly count: number
}

/** The line as it was meant, read back once; unchanged if it shows no evidence. */
export function readBack(line: string): ReadBack {
  if (!isSuspicious(line)) return { text: line, count: 0 }
  let partial: ReadBack | undefined
  for (const { charset, pattern } of READINGS) {
    const sequences = sequencesIn(line, charset, pattern)
    if (sequences.length === 0) continue
    const evident = evidenceIn(line, sequences, charset.name)
    if (!evident.includes(true)) continue
    const whole = sequences.every(({ code }) => isPlausible(code)) && isCovered(line, sequences)
    if (whole) return replaced(line, sequences)
    if (charset.name === 'cp437') continue
    partial ??= replaced(line, chosen(sequences, evident))
  }
  return partial ?? { text: line, count: 0 }
}

/** Whether all characters beyond ASCII are in sequences, or ordinary beside them. */
function isCovered(line: string, sequences: readonly Sequence[]): boolean {
  let at = 0
  const isOrdinary = (from: number, to: number): boolean => {
    for (let i = from; i < to; i++) {
      const character = line[i] ?? ''
      if (character >= '\u0080' && !isFollower(character)) return false
    }
    return true
  }
  for (const { start, end } of sequences) {
    if (!isOrdinary(at, start)) return false
    at = end
  }
  return isOrdinary(at, line.length)
}

/**
 * Of a line that is only partly misread: sequences that are evidence, their neighbours without a
 * gap, and those that no ordinary text has.
 */
function chosen(sequences: readonly Sequence[], evident: readonly boolean[]): Sequence[] {
  const taken: Sequence[] = []
  for (let first = 0; first < sequences.length; ) {
    let last = first
    while (sequences[last + 1]?.start === sequences[last]?.end) last++
    const all = evident.slice(first, last + 1).includes(true)
    for (const sequence of sequences.slice(first, last + 1)) {
      if (isPlausible(sequence.code) && (all || isOdd(sequence))) taken.push(sequence)
    }
    first = last + 1
  }
  return taken
}

/** Words that begin with à without a space behind it: French and Portuguese contractions. */
const JOINED = /^(?:s |quel[ae]|quilo)/

function replaced(line: string, sequences: readonly Sequence[]): ReadBack {
  let text = ''
  let at = 0
  for (const { start, end, code, read } of sequences) {
    text += line.slice(at, start) + String.fromCodePoint(code)
    at = end
    // The space behind `Ã` was both the second byte and the space of the text.
    if (read === `${read[0]} ` && code === 0xe0 && line[end] !== ' ') {
      if (!JOINED.test(line.slice(end, end + 6))) text += ' '
    }
  }
  return { text: text + line.slice(at), count: sequences.length }
}
