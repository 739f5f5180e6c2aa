/**
 * What every code point becomes when a text is folded for comparing: case, marks, tatweel, presentation forms and
 * ligatures, hamza carriers, alef/yeh/teh marbuta/kaf forms and digits of all scripts are levelled; what is neither
 * letter, digit nor `_` separates words. For hashing only: published text keeps its spelling.
 */
export interface FoldTable {
  /** One entry for each code point of planes 0 and 1: a UTF-16 code unit, or one of the markers below. */
  readonly units: Uint16Array
  /** Sequences for code points that become several units: entry `EXPANSION + k` is sequence k. */
  readonly sequences: Uint16Array
  /** Start of each sequence in `sequences`, and the end of the last. */
  readonly starts: Uint16Array
}

/** The code point separates words. */
export const SEPARATOR = 0
/** The code point vanishes without separating. */
export const DROPPED = 0xffff
/** The code point stays what it is, though a single unit cannot hold it. */
export const ITSELF = 0xfffe
/** Entries `EXPANSION` up to `EXPANSION_END` (surrogates, which no text contains) name a sequence. */
export const EXPANSION = 0xd800
export const EXPANSION_END = 0xe000

const CODE_POINTS = 0x20000
const VANISHING = /[\p{M}\p{Cf}\u0640]/u
const WORD = /[\p{L}\p{N}_]/u
const DIGIT = /\p{Nd}/u
// Letters that NFKD leaves apart although Arabic writers use them for one another.
const ALIKE: ReadonlyMap<string, string> = new Map([
  ['ٱ', 'ا'],
  ...[...'ىیېۍ'].map((yeh) => [yeh, 'ي'] as const),
  ...[...'ةہھە'].map((heh) => [heh, 'ه'] as const),
  ...[...'کڪ'].map((kaf) => [kaf, 'ك'] as const),
])

let shared: FoldTable | undefined

/** The table, built once a process (about 50 ms). */
export function foldTable(): FoldTable {
  shared ??= buildTable()
  return shared
}

function buildTable(): FoldTable {
  const units = new Uint16Array(CODE_POINTS)
  const sequences: number[] = []
  const starts = [0]
  let digitRun = 0
  for (let code = 1; code < CODE_POINTS; code++) {
    if (isUniform(code)) {
      units[code] = code
      continue
    }
    if (code >= EXPANSION && code < EXPANSION_END) continue
    const char = String.fromCodePoint(code)
    // Decimal digits of a script are ten neighbours in ascending order (Unicode 4.6).
    digitRun = DIGIT.test(char) ? digitRun + 1 : 0
    const folded = digitRun > 0 ? [0x30 + ((digitRun - 1) % 10)] : foldChar(char, code)
    if (folded.length === 1) units[code] = folded[0] ?? SEPARATOR
    else if (folded.length === 0) units[code] = DROPPED
    else {
      units[code] = EXPANSION + starts.length - 1
      sequences.push(...folded)
      starts.push(sequences.length)
    }
  }
  if (starts.length > EXPANSION_END - EXPANSION) throw new Error(`${starts.length} expansions do not fit the table`)
  return { units, sequences: Uint16Array.from(sequences), starts: Uint16Array.from(starts) }
}

/** Han and Hangul: letters that folding does not change, half of the plane. */
function isUniform(code: number): boolean {
  return (code >= 0x3400 && code < 0x4dc0) || (code >= 0x4e00 && code < 0xa000) || (code >= 0xac00 && code < 0xd7a4)
}

/** The units of one character: none where it vanishes, `[SEPARATOR]` where it separates. */
function foldChar(char: string, code: number): number[] {
  if (VANISHING.test(char)) return []
  if (!WORD.test(char)) return [SEPARATOR]
  const units: number[] = []
  // Upper case first: ß and ẞ, σ and ς come out alike.
  for (const part of char.toUpperCase().toLowerCase().normalize('NFKD').toLowerCase()) {
    if (VANISHING.test(part)) continue
    const like = ALIKE.get(part) ?? part
    if (!WORD.test(like)) units.push(SEPARATOR)
    else if (like.length > 1) return [ITSELF]
    else units.push(like.charCodeAt(0))
  }
  return units.length === 0 ? [code > 0xffff ? ITSELF : code] : units
}
