// windows-1256 that was read as Latin-1 or windows-1252: ÇáÓáÇã for السلام.
import { WINDOWS_1252, WINDOWS_1256 } from './charsets.ts'
import type { ReadBack } from './mojibake.ts'

/** Stretches without a Latin letter of ASCII that begin and end outside ASCII. */
const STRETCH = /[\u0080-\uffff](?:[\0-\x40\x5b-\x60\x7b-\uffff]*[\u0080-\uffff])?/g
const HIGH_LETTERS = /[\u00c0-\u00ff]/g
const ARABIC_LETTERS = /[\u0621-\u063a\u0641-\u064a]/g
const OTHER_LETTERS = /(?![\u0621-\u064a])\p{L}/gu
/** Letters that make up two thirds of Arabic text and a fifth of others. */
const FREQUENT = /[اليمنوترهبأ]/g
/** The article, or one of the most frequent words. */
const WORDS =
  /(?<!\p{L})(?:[وبفكل]?ال\p{L}{2}|(?:في|من|على|إلى|أن|عن|هذا|هذه|كان|ما|لا|مع|هو)(?!\p{L}))/u
const ARABIC_WORDS = /(?<!\p{L})[\u0621-\u064a]{2,}(?!\p{L})/gu
/** As many words are evidence without an article. */
const MIN_WORDS = 3
/** Fewer letters are no evidence. */
const MIN_LETTERS = 6
const MIN_FREQUENT = 0.4
/** Letters that are not Arabic, as a share of those that are. */
const MOST_OTHERS = 0.05

/**
 * The line with such stretches read back. Where one shows it, short ones that are wholly Arabic
 * follow.
 */
export function readArabicBytes(line: string): ReadBack {
  const unchanged = { text: line, count: 0 }
  if (!hasHighLetters(line)) return unchanged
  const stretches = line.match(STRETCH) ?? []
  if (!stretches.some((stretch) => isArabic(readBytes(stretch)))) return unchanged
  let count = 0
  const text = line.replace(STRETCH, (stretch) => {
    const read = readBytes(stretch)
    if (countOf(read, OTHER_LETTERS) > countOf(read, ARABIC_LETTERS) * MOST_OTHERS) return stretch
    count += countOf(stretch, HIGH_LETTERS)
    return read
  })
  return { text, count }
}

/** Whether there are letters of Latin-1 enough. */
function hasHighLetters(line: string): boolean {
  let count = 0
  for (let at = 0; at < line.length && count < MIN_LETTERS; at++) {
    const code = line.charCodeAt(at)
    if (code >= 0xc0 && code <= 0xff) count++
  }
  return count >= MIN_LETTERS
}

const readBytes = (text: string): string => text.replace(/[\u0080-\uffff]/g, arabicOf)
const countOf = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

function arabicOf(character: string): string {
  const code = character.charCodeAt(0)
  const byte = WINDOWS_1252.byteOf.get(character) ?? (code < 0xa0 ? code : undefined)
  return byte === undefined ? character : (WINDOWS_1256.high[byte - 0x80] ?? character)
}

function isArabic(text: string): boolean {
  const letters = countOf(text, ARABIC_LETTERS)
  return (
    letters >= MIN_LETTERS &&
    countOf(text, OTHER_LETTERS) <= letters * MOST_OTHERS &&
    countOf(text, FREQUENT) >= letters * MIN_FREQUENT &&
    (WORDS.test(text) || (text.match(ARABIC_WORDS)?.length ?? 0) >= MIN_WORDS)
  )
}
