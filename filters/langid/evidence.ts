// Counts what the words of a text say about its language, beside the model.
import { ARABIC, ENGLISH } from './function-words.ts'

/** Counts over the words that were read, of the script asked for. */
export interface Evidence {
  /** Names not counted. */
  readonly words: number
  /** Function words; for Arabic, also words with the article. */
  readonly hits: number
  /**
   * Words the language hardly has: for English, those with letters beyond a to z; for Arabic, the
   * letters nun, yeh and ghain by themselves, which are particles of Berber.
   */
  readonly odd: number
  /** Bytes of Latin words that start with a capital inside a sentence: names. */
  readonly nameBytes: number
}

/** Bytes read from the start of a text, and as many again from its middle. */
export const EVIDENCE_BYTES = 256

const BLANK = 0x20
const APOSTROPHE = 0x27
const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193
const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, FNV_PRIME)

/**
 * Reads the plain copy `[start, end)` of a text: words separated by blanks, ASCII only letters and
 * apostrophes. Unless `whole`, long texts are read at their start and in their middle.
 */
export function evidenceOf(
  bytes: Uint8Array,
  start: number,
  end: number,
  script: 'arabic' | 'latin',
  whole = false,
): Evidence {
  const counts = { words: 0, hits: 0, odd: 0, nameBytes: 0 }
  const read = script === 'arabic' ? readArabicWord : readLatinWord
  const scan = (from: number, to: number): void => {
    for (let at = from; at < to; ) {
      while (at < to && bytes[at] === BLANK) at++
      const word = at
      while (at < end && bytes[at] !== BLANK) at++
      if (at > word) read(bytes, word, at, counts, word === start)
    }
  }
  if (whole || end - start <= 2 * EVIDENCE_BYTES) scan(start, end)
  else {
    const middle = bytes.indexOf(BLANK, start + ((end - start) >>> 1))
    scan(start, start + EVIDENCE_BYTES)
    if (middle >= 0 && middle < end) scan(middle, Math.min(end, middle + EVIDENCE_BYTES))
  }
  return counts
}

type Counts = { -readonly [name in keyof Evidence]: Evidence[name] }

const isUpper = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a
/** Second bytes of U+1E00 to U+1EFF. */
const isLatinBlock = (byte = 0): boolean => byte >= 0xb8 && byte <= 0xbb
const isLower = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a

function readLatinWord(
  bytes: Uint8Array,
  from: number,
  to: number,
  counts: Counts,
  isFirst: boolean,
): void {
  let hash = FNV_BASIS
  let isLatin = false
  let isOdd = false
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0
    if (isUpper(byte) || isLower(byte)) {
      isLatin = true
      hash = step(hash, byte | 0x20)
    } else if (byte >= 0xc3 && byte <= 0xca) isOdd = isLatin = true
    // U+1E00 to U+1EFF: Latin with marks.
    else if (byte === 0xe1 && isLatinBlock(bytes[at + 1])) isOdd = isLatin = true
    else if (byte === APOSTROPHE) hash = step(hash, byte)
  }
  if (!isLatin) return
  const isFunctionWord = !isOdd && englishHashes().has(hash)
  if (!isFunctionWord && !isFirst && isUpper(bytes[from] ?? 0)) {
    counts.nameBytes += to - from
    return
  }
  counts.words++
  if (isOdd) counts.odd++
  if (isFunctionWord) counts.hits++
}

/** Letters in two bytes, as one number. */
const ALEF = 0xd8a7
const LAM = 0xd984
const WAW = 0xd988
/** Spellings of one letter: alefs, yehs, teh marbuta and heh, kafs. */
const FOLDED = new Map([
  ...[0xd8a2, 0xd8a3, 0xd8a5, 0xd9b1].map((letter) => [letter, ALEF] as const),
  ...[0xd989, 0xdb8c].map((letter) => [letter, 0xd98a] as const),
  [0xd8a9, 0xd987],
  [0xdaa9, 0xd983],
])
const BERBER_PARTICLES = new Set([0xd986, 0xd98a, 0xd8ba])
/** Letters of two bytes from D8 80 to DB BF, folded. */
const FOLD = Uint16Array.from({ length: 4 << 6 }, (_, i) => {
  const letter = ((0xd8 + (i >> 6)) << 8) | (0x80 + (i & 0x3f))
  return FOLDED.get(letter) ?? letter
})
const foldLetter = (letter: number): number =>
  FOLD[(((letter >>> 8) - 0xd8) << 6) | (letter & 0x3f)] ?? letter
const stepLetter = (hash: number, letter: number): number =>
  step(step(hash, letter >>> 8), letter & 0xff)
/** The particles that are written with the next word: waw, feh, beh, kaf, lam. */
const PARTICLES = new Set([WAW, 0xd981, 0xd8a8, 0xd983, LAM])

function readArabicWord(bytes: Uint8Array, from: number, to: number, counts: Counts): void {
  let whole = FNV_BASIS
  let rest = FNV_BASIS
  let letters = 0
  let first = 0
  let second = 0
  let third = 0
  for (let at = from; at < to - 1; at++) {
    const lead = bytes[at] ?? 0
    // U+0600 to U+06FF; signs such as the comma are no letters.
    if (lead < 0xd8 || lead > 0xdb) continue
    const plain = (lead << 8) | (bytes[at + 1] ?? 0)
    at++
    if (plain < 0xd8a0) continue
    const letter = foldLetter(plain)
    whole = stepLetter(whole, letter)
    if (letters > 0) rest = stepLetter(rest, letter)
    if (letters === 0) first = letter
    else if (letters === 1) second = letter
    else if (letters === 2) third = letter
    letters++
  }
  if (letters === 0) return
  counts.words++
  if (letters === 1) {
    if (BERBER_PARTICLES.has(first)) counts.odd++
    return
  }
  const isParticle = PARTICLES.has(first)
  const hasArticle =
    letters > 3 &&
    ((first === ALEF && second === LAM) ||
      (isParticle && second === ALEF && third === LAM) ||
      (first === LAM && second === LAM) ||
      (first === WAW && second === LAM && third === LAM))
  const hashes = arabicHashes()
  if (hasArticle || hashes.has(whole) || (isParticle && hashes.has(rest))) counts.hits++
}

let english: ReadonlySet<number> | undefined
let arabic: ReadonlySet<number> | undefined

const wordsOf = (list: string): readonly string[] => list.trim().split(/\s+/)

function englishHashes(): ReadonlySet<number> {
  english ??= new Set(wordsOf(ENGLISH).map((word) => Buffer.from(word).reduce(step, FNV_BASIS)))
  return english
}

function arabicHashes(): ReadonlySet<number> {
  arabic ??= new Set(
    wordsOf(ARABIC).map((word) => {
      let hash = FNV_BASIS
      const bytes = Buffer.from(word)
      for (let at = 0; at < bytes.length; at += 2)
        hash = stepLetter(hash, foldLetter(bytes.readUInt16BE(at)))
      return hash
    }),
  )
  return arabic
}
