// windows-1256 that was read as Latin-1 or windows-1252: ÇáÓáÇã for السلام.
import { WINDOWS_1252, WINDOWS_1256 } from './charsets.ts'
import type { ReadBack } from './mojibake.ts'

/** Stretches without a Latin letter of ASCII that begin and end outside ASCII. */
const STRETCH = /[\u0080-\uffff](?:[\0-\x40\x5b-\x60\x7b-\uffff]*[\u0080-\uffff])?/g
const HIGH_LETTERS = /[\u00c0-\u00ff]/g
const ARABIC_LETTERS = /[\u0621-\u063a\u0641-\u064a]/g
const OTHER_LETTERS = /(?![\u0621-\u064a])\p{L}/gu
/** Letters that make up 70 % of Arabic text and 45 % of other text read in this way. */
const FREQUENT = /[اليمنوتر]/g
/** The article, or one of the most frequent words. */
const WORDS =
  /(?<!\p{L})(?:[وبفكل]?ال\p{L}{2}|(?:في|من|على|إلى|أن|عن|هذا|هذه|كان|ما|لا|مع|هو)(?!\p{L}))/u
/** Fewer letters are no evidence. */
const MIN_LETTERS = 6
const MIN_FREQUENT = 0.55

/** The line with such stretches read back. */
export function readArabicBytes(line: string): ReadBack {
  if ((line.match(HIGH_LETTERS)?.length ?? 0) < MIN_LETTERS) return { text: line, count: 0 }
  let count = 0
  const text = line.replace(STRETCH, (stretch) => {
    const high = stretch.match(HIGH_LETTERS)?.length ?? 0
    if (high < MIN_LETTERS) return stretch
    const read = stretch.replace(/[\u0080-\uffff]/g, arabicOf)
    if (!isArabic(read)) return stretch
    count += high
    return read
  })
  return { text, count }
}

function arabicOf(character: string): string {
  const code = character.charCodeAt(0)
  const byte = WINDOWS_1252.byteOf.get(character) ?? (code < 0xa0 ? code : undefined)
  return byte === undefined ? character : (WINDOWS_1256.high[byte - 0x80] ?? character)
}

function isArabic(text: string): boolean {
  const letters = text.match(ARABIC_LETTERS)?.length ?? 0
  const others = text.match(OTHER_LETTERS)?.length ?? 0
  const frequent = text.match(FREQUENT)?.length ?? 0
  return (
    letters >= MIN_LETTERS &&
    others <= letters * 0.05 &&
    frequent >= letters * MIN_FREQUENT &&
    WORDS.test(text)
  )
}
