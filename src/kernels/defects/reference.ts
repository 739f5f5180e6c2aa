import {
  CLASS,
  DEFECT,
  DEFECTS,
  ENCODINGS,
  ENTITY_LETTERS,
  HIGH_RUN,
  MISREAD_WINDOW,
  RANK_SHIFT,
} from './classes.ts'

/** A character among its neighbours: its code and the two numbers of the table. */
interface Seen {
  readonly code: number
  readonly bits: number
  readonly bytes: number
}
const NOTHING: Seen = { code: 0, bits: 0, bytes: 0 }

/**
 * The defects that a text may have, by its characters and their neighbours. `table` has two numbers
 * for each code unit, see ./classes.ts; those of ASCII other than controls are no defects. Some are
 * suspected in vain.
 */
export function defectsReference(text: string, table: Uint32Array): number {
  let found = 0
  let before = NOTHING
  let previous = NOTHING
  let high = 0
  const isMisread = misreadings()
  const see = (current: Seen): void => {
    found |= current.bits & DEFECTS
    found |= compositionOf(previous, current) | joinOf(before, previous, current)
    if (isMisread(current)) found |= DEFECT.mojibake
    before = previous
    previous = current
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) ?? 0
    if (code > 0xffff) {
      found |= ofPlane(code)
      see({ ...NOTHING, code })
      at++ // each half is a character beyond ASCII
    }
    see(seen(code, table))
    if (code === 0x26 && isEntity(text, at)) found |= DEFECT.entities
    if (isAsciiLetter(code) || code === 0x0a) high = 0
    if (previous.bits & CLASS.high && ++high >= HIGH_RUN) found |= DEFECT.mojibake
  }
  return previous.bits & CLASS.joiner ? found | DEFECT.invisible : found
}

/** Whether some characters of a line look misread; its table is that of `defectsReference`. */
export function isMisreadReference(line: string, table: Uint32Array): boolean {
  const isMisread = misreadings()
  for (let at = 0; at < line.length; at++) {
    const current = seen(line.charCodeAt(at), table)
    if (current.bits & DEFECT.mojibake || isMisread(current)) return true
  }
  return false
}

function seen(code: number, table: Uint32Array): Seen {
  return { code, bits: table[2 * code] ?? 0, bytes: table[2 * code + 1] ?? 0 }
}

/**
 * For the characters of a text in order: whether those up to it show misreading, and two beside
 * them are the first bytes of a character in one encoding.
 */
function misreadings(): (current: Seen) => boolean {
  let before = NOTHING
  let previous = NOTHING
  let strange = 0
  let pairs = 0
  const window = (1 << MISREAD_WINDOW) - 1
  return (current) => {
    const isPair = (previous.bytes & (current.bytes >>> ENCODINGS)) !== 0
    strange = ((strange << 1) | Number(isStrange(before, previous, current))) & window
    pairs = ((pairs << 1) | Number(isPair)) & window
    before = previous
    previous = current
    return strange !== 0 && pairs !== 0
  }
}

/**
 * Whether two or three characters are what every misread line has some of: a symbol behind a
 * character outside ASCII, or before one; a letter of another script beside one of ASCII; a capital
 * or a first byte of three before punctuation or the letters that windows-1252 has among it.
 */
function isStrange(before: Seen, previous: Seen, current: Seen): boolean {
  if (current.code === 0x20) return (previous.bits & CLASS.spaced) !== 0
  if (current.code < 0x80)
    return isAsciiLetter(current.code) && (previous.bits & CLASS.otherScript) !== 0
  if (previous.code < 0x80)
    return isAsciiLetter(previous.code) && (current.bits & CLASS.otherScript) !== 0
  return (
    (current.bits & CLASS.symbol) !== 0 ||
    (previous.bits & CLASS.opening) !== 0 ||
    ((previous.bits & CLASS.capital) !== 0 && (current.bits & CLASS.mark) !== 0) ||
    ((previous.bits & CLASS.ve) !== 0 && (current.bits & CLASS.dje) !== 0) ||
    (before.bits & CLASS.first) !== 0 ||
    (before.code >= 0x61 && before.code <= 0x7a && (previous.bits & CLASS.umlaut) !== 0)
  )
}

/** A character that composes with the one before, or two marks in the wrong order. */
function compositionOf(previous: Seen, { bits }: Seen): number {
  const [last, rank] = [previous.bits >>> RANK_SHIFT, bits >>> RANK_SHIFT]
  const composes = bits & CLASS.second && (previous.bits & CLASS.composes || last > 0)
  return composes || (rank > 0 && last > rank) ? DEFECT.composed : 0
}

/** A joiner that is not between letters, and a tatweel that is, or is repeated. */
function joinOf(before: Seen, previous: Seen, current: Seen): number {
  const isLetter = (current.bits & CLASS.letter) !== 0
  if (previous.bits & CLASS.tatweel)
    return isLetter || current.bits & CLASS.tatweel ? DEFECT.tatweel : 0
  if ((previous.bits & CLASS.joiner) === 0) return 0
  if (current.bits & CLASS.joiner || (before.bits & CLASS.letter) === 0) return DEFECT.invisible
  if (isIndic(before.code)) return 0
  return isLetter && (previous.code === 0x200c || isJoining(before.code)) ? 0 : DEFECT.invisible
}

const isIndic = (code: number): boolean => code >= 0x0900 && code <= 0x0dff
const isJoining = (code: number): boolean => code >= 0x0620 && code <= 0x07ff

const isAsciiLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a

/** Beyond the basic plane: tags are invisible; letters and marks of some scripts compose. */
function ofPlane(code: number): number {
  if (code >= 0xe0000) return DEFECT.invisible
  const combines = code < 0x1d200 || (code >= 0x1e000 && code < 0x1f000) || code >= 0x2f800
  return combines ? DEFECT.composed : 0
}

/** Whether letters and digits, and a semicolon behind them, follow the ampersand at `at`. */
function isEntity(text: string, at: number): boolean {
  let end = text[at + 1] === '#' ? at + 2 : at + 1
  const first = end
  while (end < text.length && end - first < ENTITY_LETTERS && isNameCharacter(text.charCodeAt(end)))
    end++
  return end > first && text[end] === ';'
}

const isNameCharacter = (code: number): boolean =>
  isAsciiLetter(code) || (code >= 0x30 && code <= 0x39)
