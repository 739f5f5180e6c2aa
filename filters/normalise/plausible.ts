/**
 * Characters that misread UTF-8 turns out to have meant, by code point, both ends included. Rare
 * letters (phonetic, Armenian, archaic Cyrillic, the older CJK extensions) are left out: two
 * ordinary characters that happen to form one of them were meant as they are.
 */
const PLAUSIBLE: readonly (readonly [first: number, last: number])[] = [
  [0x80, 0x17e],
  [0x192, 0x192],
  [0x1a0, 0x1a1],
  [0x1af, 0x1b0],
  [0x1c4, 0x1dc],
  [0x1e6, 0x1e9],
  [0x1f4, 0x1f5],
  [0x1fa, 0x1ff],
  [0x218, 0x21b],
  [0x259, 0x259],
  [0x2bb, 0x2bc],
  [0x2c6, 0x2dd],
  [0x300, 0x345],
  [0x384, 0x3ce],
  [0x401, 0x45f],
  [0x490, 0x4bf],
  [0x4d8, 0x4e9],
  [0x5b0, 0x5c2],
  [0x5d0, 0x5ea],
  [0x60c, 0x60c],
  [0x61b, 0x61f],
  [0x621, 0x6d3],
  [0x6f0, 0x6f9],
  [0x901, 0xdff],
  [0xe01, 0xe5b],
  [0x10a0, 0x10ff],
  [0x1e00, 0x1fff],
  [0x2000, 0x2bff],
  [0x3000, 0x30ff],
  [0x31f0, 0x33ff],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xfb00, 0xfb06],
  [0xfdfa, 0xfdfd],
  [0xfe00, 0xfe0f],
  [0xfe30, 0xfe4f],
  [0xfe70, 0xfeff],
  [0xff01, 0xffef],
  [0xfffd, 0xfffd],
  [0x1d400, 0x1d7ff],
  [0x1f000, 0x1faff],
  [0x20000, 0x2fa1f],
]

/** Whether misread UTF-8 may have meant this code point. */
export function isPlausible(code: number): boolean {
  return PLAUSIBLE.some(([first, last]) => code >= first && code <= last)
}

/** Signs rather than letters: a single one of three bytes or more is enough to tell misreading. */
export function isSign(code: number): boolean {
  return (
    (code >= 0x2000 && code <= 0x2bff) ||
    (code >= 0x3000 && code <= 0x303f) ||
    (code >= 0xfb00 && code <= 0xfb06) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    (code >= 0xfeff && code <= 0xffff) ||
    code >= 0x1f000
  )
}

/** Script of a letter, as far as misreading tells them apart; `''` for anything else. */
export function scriptOf(code: number): string {
  if (code >= 0xc0 && code <= 0x24f && code !== 0xd7 && code !== 0xf7) return 'Latin'
  if (code >= 0x1e00 && code <= 0x1eff) return 'Latin'
  if (code >= 0x386 && code <= 0x3ce) return 'Greek'
  if (code >= 0x401 && code <= 0x4e9) return 'Cyrillic'
  if (code >= 0x5b0 && code <= 0x5ea) return 'Hebrew'
  if (code >= 0x60c && code <= 0x6f9) return 'Arabic'
  if (code >= 0x900 && code <= 0xe5b) return 'Indic'
  if (code >= 0x3040 && code <= 0xd7a3) return 'East Asian'
  return ''
}
