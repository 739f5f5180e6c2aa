// Whether misread UTF-8 can hardly be meant as it stands.
import { isPlausible, isSign, scriptOf } from './plausible.ts'
import type { Sequence } from './sequences.ts'

/** Characters that may follow a letter in ordinary text, with nothing between. */
const FOLLOWERS = new Set('’‘“”„‚…–—«»‹›•·®©™°ºª²³¹´\u00a0\u00ad،؛؟\u200c\u200d\u200e\u200f? ')
const QUOTES = new Set('’‘“”„‚…–—«»‹›•')
const ASCII_LETTER = /[A-Za-z]/
const OTHER_SCRIPT = /[\u0370-\u06ff]/
const LETTER = /\p{L}/u
const UPPER = /\p{Lu}/u
const LOWER = /\p{Ll}/u
const BOX = /[\u2500-\u259f]/
const C1 = /[\u0080-\u009f]/

/** A sequence with what stands around it. */
interface Place {
  readonly sequence: Sequence
  /** First character, and the rest. */
  readonly lead: string
  readonly tail: string
  /** The characters before and after; `''` at the ends of the line. */
  readonly before: string
  readonly after: string
  readonly line: string
  /** Whether the charset is Latin-1, windows-1252 or windows-1254. */
  readonly western: boolean
  /** Whether it stands in a run of misread letters of one script, see `runsOf`. */
  readonly inRun: boolean
}

/** For each sequence of a line: whether it is evidence that the line was misread. */
export function evidenceIn(
  line: string,
  sequences: readonly Sequence[],
  charset: string,
): readonly boolean[] {
  const western = ['latin-1', 'windows-1252', 'windows-1254'].includes(charset)
  const runs = runsOf(sequences)
  return sequences.map((sequence, index) => {
    const { start, end, read, code } = sequence
    if (!isPlausible(code)) return false
    const [before, after] = [line[start - 1] ?? '', line[end] ?? '']
    const [lead, tail] = [read[0] ?? '', read.slice(1)]
    const inRun = runs[index] === true
    return isEvident({ sequence, lead, tail, before, after, line, western, inRun })
  })
}

function isEvident(place: Place): boolean {
  const { sequence, inRun, before, after, western, lead, tail } = place
  const { code, read, damaged } = sequence
  if (C1.test(read)) return true
  if (code === 0xfffd && read.length === 2) {
    return UPPER.test(lead) && LOWER.test(before) && LOWER.test(after)
  }
  if (damaged && code !== 0xfffd) return isLostGrave(place)
  if (inRun) return true
  if (read.length > 2) {
    return isSign(code) ? isEvidentSign(place) : scriptOf(code) === 'Latin' && isOdd(sequence)
  }
  if (code < 0xc0) return isLatinSign(place)
  if (code >= 0x300 && code <= 0x345) return isOdd(sequence)
  if (scriptOf(code) === 'Latin') return isEvidentLetter(place)
  return western && /[ÎÏ]/.test(lead) && /[±²³µ¶¹¼½¾¿]/.test(tail)
}

/** Whether a character that follows no letter in ordinary text stands in the sequence. */
export function isOdd({ read, damaged }: Sequence): boolean {
  return !damaged && [...read].slice(1).some((c) => !LETTER.test(c) && !FOLLOWERS.has(c))
}

/** Whether a character is ordinary beside a letter, though it may stand for a byte. */
export function isFollower(character: string): boolean {
  return FOLLOWERS.has(character)
}

/**
 * For each sequence: whether it is in a run of two or more without a gap that is no text as it
 * stands. Two letters of one script are one if an odd character is among what stands there; so are
 * four with any character that is no letter, and two that stand for a letter and a sign.
 */
function runsOf(sequences: readonly Sequence[]): boolean[] {
  const inRun = new Array<boolean>(sequences.length).fill(false)
  for (let first = 0; first < sequences.length; ) {
    let last = first
    while (sequences[last + 1]?.start === sequences[last]?.end) last++
    const run = sequences.slice(first, last + 1)
    if (run.length > 1 && isRun(run)) inRun.fill(true, first, last + 1)
    first = last + 1
  }
  return inRun
}

function isRun(run: readonly Sequence[]): boolean {
  if (!run.every(({ code }) => isPlausible(code))) return false
  const letters = run.filter(({ code }) => scriptOf(code) !== '')
  const strange = run.some((sequence) => isOdd(sequence) || BOX.test(sequence.read))
  if (strange || run.some(({ read }) => hasSymbol(read))) return letters.length > 1
  const marks = run.filter(
    ({ read, damaged }) => !damaged && [...read].slice(1).some((c) => !LETTER.test(c)),
  )
  const enough = letters.every(({ read }) => read.length > 2) ? 2 : 4
  return marks.length > 0 && (letters.length >= enough || (letters.length > 0 && hasSign(run)))
}

const hasSign = (run: readonly Sequence[]): boolean =>
  run.some(({ code }) => code >= 0xa1 && code < 0xc0)

/**
 * Whether a sequence begins with a symbol: no letter, and no mark that stands beside words. ƒ
 * counts as one unless a small letter follows, as in Ewe.
 */
function hasSymbol(read: string): boolean {
  const [lead = '', tail = ''] = read
  if (lead === 'ƒ') return !LOWER.test(tail)
  return !LETTER.test(lead) && !FOLLOWERS.has(lead)
}

/** A sign of three bytes or more. `â…”` may be a word's end and a quotation mark. */
function isEvidentSign({ sequence, lead, tail, before, western }: Place): boolean {
  const { code } = sequence
  if (code >= 0x2000 && code < 0x2040) return /[^’‘“”„‚…–—«»‹›•]/.test(tail)
  const first = tail[0] ?? ''
  if (western && /[âïð]/.test(lead) && /[œš¸žŸ]/.test(first)) return true
  if (lead === '‚') return LETTER.test(before)
  if (western && !LETTER.test(before) && !LETTER.test(first)) return true
  return (
    isOdd(sequence) ||
    [...tail].some((c) => !LETTER.test(c) && !QUOTES.has(c) && !/\p{Z}|\p{Cf}/u.test(c))
  )
}

/** A letter of a Latin alphabet that fits its word better than the two that stand there. */
function isEvidentLetter(place: Place): boolean {
  const { sequence, lead, tail, before, after, western, line } = place
  const { code, start } = sequence
  const letter = String.fromCodePoint(code)
  const small = LOWER.test(letter)
  if (hasSymbol(sequence.read))
    return LETTER.test(before) || (LETTER.test(after) && !LETTER.test(tail))
  if (OTHER_SCRIPT.test(lead)) return isInLatinWord(place)
  if (!UPPER.test(lead)) return false
  if (tail === '\u00a0') {
    const first = UPPER.test(before) && !LETTER.test(line[start - 2] ?? '') && LOWER.test(after)
    return western && code === 0xe0 && (!UPPER.test(before) || first)
  }
  if (small && LOWER.test(before)) return true
  if (tail === '™') return lead === 'Ã' && UPPER.test(before)
  if (western && !LETTER.test(before) && LOWER.test(after)) {
    if (/[ŠŒŽŸ]/.test(tail) || (lead === 'Ã' && /[œšžƒ–—„“”…]/.test(tail))) return true
  }
  const fits = small ? LOWER.test(after) : LETTER.test(after) && !LOWER.test(before)
  if (QUOTES.has(tail)) return fits && UPPER.test(before) && !(tail === '’' && after === 's')
  if (LETTER.test(tail)) return western && fits && UPPER.test(before) && UPPER.test(after)
  return fits
}

/** Two characters that begin in another script, directly beside a Latin letter. */
function isInLatinWord({ tail, before, after }: Place): boolean {
  const [joined, joins] = [ASCII_LETTER.test(before), ASCII_LETTER.test(after)]
  if (LETTER.test(tail)) return joins && (joined || !LETTER.test(before))
  return joined || (joins && !QUOTES.has(tail))
}

/** A sign of Latin-1, U+00A0 to U+00BF. */
function isLatinSign({ sequence, lead, tail, before, after, western }: Place): boolean {
  if (sequence.code < 0xa0) return false
  if (western) return !UPPER.test(before) && !(tail === '»' && after === '')
  if (!/[\p{L}\p{N}.,;:!?)"'”’]/u.test(before)) return false
  return (
    hasSymbol(sequence.read) || (OTHER_SCRIPT.test(lead) && before < '\u0080' && !LETTER.test(tail))
  )
}

/** `Ã ` for à, whose no-break space became a space. */
function isLostGrave({ sequence, lead, before, after, line }: Place): boolean {
  if (sequence.code !== 0xe0) return false
  const previous = before === ' ' ? (line[sequence.start - 2] ?? '') : before
  if (OTHER_SCRIPT.test(lead)) return /[a-z]/.test(previous)
  return sequence.start === 0 || LOWER.test(previous) || (before === '’' && LOWER.test(after))
}
