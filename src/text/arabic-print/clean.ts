import { BIDI_CONTROLS, INVISIBLE, lettersOf, PRESENTATION_FORMS } from '../characters/defects.ts'

/** Zero-width spaces and joiners. OCR sees none: those in a text layer are its typesetter's. */
const JOINERS = /[\u200b-\u200d]/g
/**
 * Signs that stand for words, written out as a reader of a printed book says them. Those that
 * are not written out here are spelled by compatibility normalisation.
 */
const WORD_SIGNS = new Map([
  ['\ufdfd', 'بسم الله الرحمن الرحيم'],
  ['\ufdfc', 'ريال'],
  ['\ufdfa', '\ufdfa'.normalize('NFKC')],
  ['\ufdfb', '\ufdfb'.normalize('NFKC')],
])
const SIGNS = /[\ufdfa-\ufdfd]/g
/**
 * Tatweel. The sign of the Hijri year (a lone heh with tatweel) is matched with its heh, because it
 * stays.
 */
const TATWEEL = /((?<![\p{L}\p{M}])ه)\u0640+(?![\p{L}\p{M}])|\u0640+/gu
const ORPHAN_MARKS = /(?<![\p{L}\p{M}\u0640])[\u064b-\u0655\u0670]+/gu
const REPEATED_MARK = /([\u064b-\u0655\u0670])\1+/g
const EXTENDED_DIGIT = /[\u06f0-\u06f9]/g
/** A Latin punctuation mark after an Arabic word, followed by another Arabic word or the end. */
const LATIN_PUNCTUATION = /(?<=[\u0621-\u064a\u064b-\u0652] ?)[,;?](?=\s*(?:[\u0621-\u064a«"(]|$))/g
const ARABIC_PUNCTUATION = new Map([
  [',', '،'],
  [';', '؛'],
  ['?', '؟'],
])
/** Words that end in alef maksura. In other words a Farsi yeh stands for yeh. */
const MAKSURA_WORDS =
  /(?<![\p{L}\p{M}])(عل|إل|ال|حت|مت|لد|سو|موس|عيس|مصطف|أخر|كبر|مستشف)ی(?![\p{L}\p{M}])/gu
const PERSIAN_ONLY = /[پچژگ]/g
const ARABIC_LETTER = /[\u0620-\u064a\u0671-\u06d3\ufb50-\ufdff\ufe70-\ufefc]/g

/**
 * Repairs the defects of one printed line of Arabic. The order matters: direction controls,
 * presentation forms, tatweel, stray marks, digits, punctuation. The spelling stays: hamza, alef
 * maksura, teh marbuta and vowel marks are as printed. Persian letters become Arabic ones unless
 * `persian` is true.
 */
export function cleanLine(line: string, persian = false): string {
  let text = line.replace(BIDI_CONTROLS, '').replace(INVISIBLE, '').replace(JOINERS, '')
  text = text.replace(SIGNS, (sign) => WORD_SIGNS.get(sign) ?? sign)
  text = text.replace(PRESENTATION_FORMS, lettersOf)
  text = text.replace(TATWEEL, (_, heh: string | undefined) =>
    heh === undefined ? '' : `${heh}\u0640`,
  )
  text = text.replace(ORPHAN_MARKS, '').replace(REPEATED_MARK, '$1')
  if (!persian) {
    text = text
      .replace(MAKSURA_WORDS, '$1ى')
      .replaceAll('ی', 'ي')
      .replaceAll('ک', 'ك')
      .replace(/[ہھ]/g, 'ه')
    text = text.replace(EXTENDED_DIGIT, (digit) =>
      String.fromCharCode(digit.charCodeAt(0) - 0x06f0 + 0x0660),
    )
  }
  text = text.replace(LATIN_PUNCTUATION, (mark) => ARABIC_PUNCTUATION.get(mark) ?? mark)
  return text.replace(/\s+/g, ' ').trim().normalize('NFC')
}

/**
 * Turns unmatched closing quotation marks in the lines of one page into commas, because OCR reads
 * the Arabic comma of many typefaces like that.
 */
export function commasFromQuotes(lines: readonly string[]): string[] {
  let open = 0
  return lines.map((line) =>
    line.replace(/«|(?<=([\u0621-\u0652])?)»/g, (mark, letter: string | undefined) => {
      if (mark === '«') open++
      else if (open > 0) open--
      else if (letter !== undefined) return '،'
      return mark
    }),
  )
}

/**
 * Whether a text is Persian or Urdu rather than Arabic: at least 1 % of its letters are ones that
 * Arabic does not have.
 */
export function isPersian(text: string): boolean {
  const letters = count(text, ARABIC_LETTER)
  return letters > 0 && count(text, PERSIAN_ONLY) / letters >= 0.01
}

/** Share of letters that are Arabic, 0 to 1; 1 for a text without letters. */
export function arabicShare(text: string): number {
  const letters = count(text, /\p{L}/gu)
  return letters === 0 ? 1 : count(text, ARABIC_LETTER) / letters
}

/**
 * How many numbers mix Arabic-Indic and ASCII digits. Nobody prints such numbers, so they are a
 * sign of misread digits.
 */
export function mixedNumbers(text: string): number {
  return (text.match(/[0-9\u0660-\u0669]+/g) ?? []).filter(
    (digits) => /[0-9]/.test(digits) && /[\u0660-\u0669]/.test(digits),
  ).length
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
