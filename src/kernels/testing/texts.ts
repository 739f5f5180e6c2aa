// Texts for differential tests of kernels: texts that every checkout has, and input that breaks
// loops over bytes.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGES = fileURLToPath(new URL('../../../node_modules', import.meta.url))
/**
 * Languages for which Node knows the names of languages, regions and dates, including the
 * neighbours of Arabic.
 */
export const LOCALES = [
  ...[
    'ar',
    'arz',
    'fa',
    'ur',
    'ps',
    'ckb',
    'ug',
    'sd',
    'he',
    'en',
    'fr',
    'de',
    'es',
    'it',
    'pt',
    'nl',
    'sv',
    'pl',
    'cs',
  ],
  ...[
    'ru',
    'uk',
    'bg',
    'el',
    'tr',
    'az',
    'kk',
    'id',
    'ms',
    'sw',
    'so',
    'vi',
    'th',
    'hi',
    'bn',
    'ta',
    'am',
    'ka',
    'hy',
  ],
  ...['zh', 'ja', 'ko', 'fi', 'hu', 'ro', 'mt', 'ku', 'ff-Adlm'],
]
const encoder = new TextEncoder()

/**
 * Thousands of documents of 0 to a few thousand bytes, about 2 MB in all: package documentation,
 * translations and names in many languages. Some are cut inside a character.
 */
export function realTexts(): Uint8Array[] {
  const texts = [...packageTexts(), ...LOCALES.map(wordsOf)]
  return texts.flatMap((text, i) => slices(encoder.encode(text), 200 + ((i * 397) % 3000)))
}

/** A text of the words that a locale has for regions, languages, months and weekdays. */
export function wordsOf(locale: string): string {
  const words: string[] = []
  const regions = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' })
  const languages = new Intl.DisplayNames(locale, { type: 'language', fallback: 'none' })
  for (let i = 0; i < 26 * 26; i++) {
    const code = String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26))
    words.push(regions.of(code) ?? '', languages.of(code.toLowerCase()) ?? '')
  }
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' })
  for (let day = 0; day < 365; day += 5) words.push(date.format(new Date(day * 86_400_000)))
  return words.filter((word) => word !== '').join(' ')
}

function packageTexts(): string[] {
  const readmes = readdirSync(PACKAGES)
    .sort()
    .map((name) => join(PACKAGES, name, 'README.md'))
  const locales = join(PACKAGES, 'zod/v4/locales')
  const translations = readdirSync(locales)
    .filter((name) => /^[a-z]{2}\.js$/.test(name))
    .sort()
  return [...readmes, ...translations.map((name) => join(locales, name))].map(readOrEmpty)
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Cuts at any byte, so that some characters are broken. */
function slices(bytes: Uint8Array, length: number): Uint8Array[] {
  const result: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += length) result.push(bytes.subarray(at, at + length))
  return result
}

/** Empty, blank, broken, huge and astral inputs. */
export function hardBytes(): Uint8Array[] {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  const texts = [
    '',
    ' ',
    '\n',
    '\u0000',
    'a',
    '</s>',
    '__label__ar x',
    'é',
    '😀'.repeat(500),
    '𞤀𞤣𞤢𞤥 '.repeat(50),
  ]
  const long = [
    'w'.repeat(1_000_000),
    'و'.repeat(500_000),
    ' '.repeat(100_000),
    'ab '.repeat(50_000),
    '\u{10ffff}'.repeat(99),
  ]
  const broken = [
    [0x80],
    [0xc3],
    [0xe0, 0xa4],
    [0xf0, 0x9f, 0x98],
    [0xff, 0xfe],
    [0xf8, 0x88],
    [0xed, 0xa0, 0x80, 0x41],
  ]
  return [
    ...[...texts, ...long].map((text) => encoder.encode(text)),
    all,
    ...broken.map((bytes) => Uint8Array.from(bytes)),
  ]
}
