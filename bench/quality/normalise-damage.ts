// Ways in which clean text is broken, so that the original is known.
import { CHARSETS, type Charset } from '../../filters/normalise/charsets.ts'

/** Breaks a text; undefined if it cannot be broken in this way, or stays as it is. */
export type Damage = (text: string) => string | undefined

/** UTF-8 read in a charset; undefined if a byte has no character there. */
function misread(charset: Charset): Damage {
  return (text) => {
    let read = ''
    for (const byte of Buffer.from(text)) {
      const character = byte < 0x80 ? String.fromCharCode(byte) : charset.high[byte - 0x80]
      if (!character) return undefined
      read += character
    }
    return read
  }
}

/** Text written in one single-byte charset and read in another. */
function confused(written: Charset, read: Charset): Damage {
  return (text) => {
    let result = ''
    for (const character of text) {
      const byte = character < '\u0080' ? character.charCodeAt(0) : written.byteOf.get(character)
      if (byte === undefined) return undefined
      result += byte < 0x80 ? character : (read.high[byte - 0x80] ?? '')
    }
    return result
  }
}

/** Isolated, final, initial and medial form of each Arabic letter, from Unicode's own names. */
const FORMS = new Map<string, string[]>()
for (let code = 0xfe80; code <= 0xfef4; code++) {
  const form = String.fromCharCode(code)
  const letter = form.normalize('NFKC')
  FORMS.set(letter, [...(FORMS.get(letter) ?? []), form])
}
const LAM_ALEF = new Map([
  ['لآ', '\ufef5'],
  ['لأ', '\ufef7'],
  ['لإ', '\ufef9'],
  ['لا', '\ufefb'],
])

/** Letters in the forms they are drawn in, as old PDF files hold them. */
function shape(text: string): string {
  const joinsOn = (letter: string): boolean => (FORMS.get(letter)?.length ?? 0) === 4
  let shaped = ''
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ''
    const joined = joinsOn(text[at - 1] ?? '') && FORMS.has(letter) && letter !== 'ء'
    const ligature = LAM_ALEF.get(text.slice(at, at + 2))
    if (ligature !== undefined) {
      shaped += String.fromCharCode(ligature.charCodeAt(0) + (joined ? 1 : 0))
      at++
      continue
    }
    const next = text[at + 1] ?? ''
    const joins = joinsOn(letter) && FORMS.has(next) && next !== 'ء'
    const forms = FORMS.get(letter)
    shaped += forms?.[(joined ? 1 : 0) + (joins ? 2 : 0)] ?? forms?.[joined ? 1 : 0] ?? letter
  }
  return shaped
}

const ENTITY_NAMES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['é', '&eacute;'],
  ['à', '&agrave;'],
  ['ç', '&ccedil;'],
  ['ö', '&ouml;'],
  ['ü', '&#252;'],
  ['“', '&ldquo;'],
  ['”', '&rdquo;'],
  ['’', '&rsquo;'],
  ['–', '&#8211;'],
])

const utf8 = (name: string): Damage => {
  const charset = CHARSETS.find((one) => one.name === name)
  if (charset === undefined) throw new Error(`no charset ${name}`)
  return misread(charset)
}
const named = (name: string): Charset => CHARSETS.find((one) => one.name === name) as Charset
const twice =
  (damage: Damage): Damage =>
  (text) => {
    const once = damage(text)
    return once === undefined ? undefined : damage(once)
  }

/** Kinds of damage, by what happened to the text. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  'UTF-8 as Latin-1': utf8('latin-1'),
  'UTF-8 as windows-1252': utf8('windows-1252'),
  'UTF-8 as windows-1252, twice': twice(utf8('windows-1252')),
  'UTF-8 as windows-1256': utf8('windows-1256'),
  'UTF-8 as windows-1251': utf8('windows-1251'),
  'UTF-8 as windows-1250': utf8('windows-1250'),
  'UTF-8 as windows-1254': utf8('windows-1254'),
  'UTF-8 as Mac Roman': utf8('macintosh'),
  'UTF-8 as code page 437': utf8('cp437'),
  'windows-1256 as windows-1252': confused(named('windows-1256'), named('windows-1252')),
  'windows-1256 as Latin-1': confused(named('windows-1256'), named('latin-1')),
  'presentation forms': shape,
  'controls of direction': (text) =>
    text.replace(/\p{L}{3,}/gu, (word, at: number) => {
      return at % 3 === 0 ? `\u202b${word}\u202c` : at % 3 === 1 ? `${word}\u200f` : word
    }),
  'soft hyphens, zero-width spaces, byte order marks': (text) =>
    `\ufeff${text.replace(/(\p{L}{4})(?=\p{L}{3})/gu, '$1\u00ad').replaceAll('. ', '.\u200b ')}`,
  'decomposed letters': (text) => text.normalize('NFD'),
  entities: (text) => text.replace(/[&<>"'éàçöü“”’–]/g, (c) => ENTITY_NAMES.get(c) ?? c),
  'stretched words': (text) => text.replace(/(?<=[سصشضفقلمنهيبتثجحخعغك])(?=[ء-ي])/g, 'ــ'),
}
