import { ADDRESSES } from './addresses.ts'
import {
  PERMISSIVE,
  PUBLIC_DOMAIN,
  RESTRICTED,
  STRONG_COPYLEFT,
  UNSORTED,
  WEAK_COPYLEFT,
} from './spdx-ids.ts'
import { ANY_VERSION, EMPTY_WORDS, NAMES, NO_ASSERTION, PHRASES, REFERENCES } from './spellings.ts'

/** Every identifier of SPDX. */
export const IDENTIFIERS: readonly string[] = [
  ...[PERMISSIVE, PUBLIC_DOMAIN, WEAK_COPYLEFT, STRONG_COPYLEFT, RESTRICTED, UNSORTED].flat(),
]

/** Longer names are not looked up: they are sentences. */
const MAX_NAME = 300

const byLowerCase = new Map(IDENTIFIERS.map((id) => [id.toLowerCase(), id]))
const byFold = new Map<string, string>([
  ...IDENTIFIERS.map(
    (id) => [withoutEmptyWords(id.toLowerCase().replaceAll('-', ' ')), id] as const,
  ),
  ...Object.keys(REFERENCES).map((id) => [folded(id.replace('LicenseRef-', '')), id] as const),
  ...Object.entries(ANY_VERSION),
  ...Object.entries(NAMES),
])

/**
 * The SPDX identifier of a licence, or a `LicenseRef-` for what SPDX has none for; undefined if the
 * name is not known. `GPL-2.0+` and its like are given as `GPL-2.0-or-later`.
 */
export function resolveName(name: string): string | undefined {
  const text = name.trim()
  if (text.length > MAX_NAME || saysNothing(text)) return undefined
  const found = spdxName(text) ?? addressed(text) ?? named(text)
  return found === undefined ? undefined : current(found)
}

/** What `resolveName` gives for an SPDX identifier or a `LicenseRef-`, and for no other name. */
export function spdxName(name: string): string | undefined {
  if (/^(?:DocumentRef-[\w.-]+:)?LicenseRef-[\w.-]+$/i.test(name)) return referenceOf(name)
  const found = identifierOf(name)
  return found === undefined ? undefined : current(found)
}

/** Whether a text says that nothing is known of the licence. */
export function saysNothing(text: string): boolean {
  return NO_ASSERTION.has(
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim(),
  )
}

function referenceOf(text: string): string {
  return Object.keys(REFERENCES).find((id) => id.toLowerCase() === text.toLowerCase()) ?? text
}

function identifierOf(text: string): string | undefined {
  const lower = text.toLowerCase()
  const plus = lower.endsWith('+') ? '+' : ''
  const id = byLowerCase.get(plus ? lower.slice(0, -1) : lower)
  return id && id + plus
}

/** The identifiers that SPDX uses since it told `only` from `or later`. */
function current(id: string): string {
  const [, family, plus] = /^((?:[AL]?GPL|GFDL)-\d\.\d)(\+)?$/.exec(id) ?? []
  return family === undefined ? id : `${family}-${plus ? 'or-later' : 'only'}`
}

/** The licence of an address, alone or beside its own name. */
function addressed(text: string): string | undefined {
  const [address] =
    /(?:(?:https?:)?\/\/|www\.)[^\s<>"')\]]+|^[\w.-]+\.[a-z]{2,}\/\S*$/i.exec(text) ?? []
  if (address === undefined) return undefined
  const plain = address
    .toLowerCase()
    .replace(/^(?:https?:)?\/\//, '')
    .replace(/^www\./, '')
    .replace(/[?#].*$/, '')
    .replace(/\/(?:deed|legalcode)(?:\.[a-z-]+)?$|\/(?:rdf|plaintext|license)?$/, '')
    .replace(/(?:\.[a-z]{2}(?:-[a-z]{2})?)?\.(?:html?|txt|php|json|rdf|xml)$/, '')
    .replace(/[/.,;]$/, '')
  const beside = text.replace(address, ' ')
  for (const [pattern, name] of ADDRESSES) {
    const match = pattern.exec(plain)
    if (match === null) continue
    const filled = name.replace(/\$(\d)/g, (_, group) => match[Number(group)] ?? '').trim()
    const found = filled.startsWith('LicenseRef-')
      ? filled
      : (identifierOf(filled) ?? named(filled))
    return folded(beside) === '' || named(beside) === found ? found : undefined
  }
  return undefined
}

/** Words around a name that may take away what the licence gives. */
const RESTRICTING = /non|\bno\b|only|except|with|academic|research|commercial|غير/i

/** The licence of a name, with what stands in brackets, without it, or of that alone. */
function named(text: string): string | undefined {
  const plain = text
    .replace(/^.*::/, '')
    .replace(/\(\s*>=\s*([\d.]+)\s*\)/g, ' $1 or later')
    .replace(/\(\s*[≥>]\s*([\d.]+)\s*\)/g, ' $1 or later')
  const outside = plain.replace(/\([^()]*\)/g, ' ')
  if (/[()]/.test(outside)) return undefined
  const inside = /\(([^()]*)\)/.exec(plain)?.[1] ?? ''
  for (const candidate of RESTRICTING.test(inside) ? [plain] : [plain, outside, inside]) {
    const found = lookUp(candidate) ?? lookUp(candidate.replace(/([a-z])v?\.?(\d)/gi, '$1 $2'))
    if (found !== undefined) return found
  }
  return undefined
}

/** Looks a name up as it is, and with `2` read as `2.0`. */
function lookUp(text: string): string | undefined {
  const name = folded(text)
  const whole = byFold.get(name)
  if (whole !== undefined) return whole
  const later = name.endsWith(' or later')
  const base = name.replace(/(?: or later)+$| only$/, '')
  for (const form of [base, base.replace(/(?<= )(\d+)(?= |$)/g, '$1.0')]) {
    const found = (later ? byFold.get(`${form} or later`) : undefined) ?? byFold.get(form)
    if (found === undefined) continue
    return later && /^(?!LicenseRef-).*\d$/.test(found) ? `${found}+` : found
  }
  return undefined
}

/** A name with its usual phrases shortened, without punctuation and words that tell nothing. */
function folded(text: string): string {
  let plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u064b-\u0652\u0640]/g, '')
    .replace(/[أإآ]/g, 'ا')
    .replace(/ة/g, 'ه')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/٫/g, '.')
    .replace(/\+(?=\s|$)/g, ' or later ')
    .replace(/\.(?!\d)/g, ' ')
    .replace(/[^\p{L}\p{N}.]+/gu, ' ')
    .replace(
      / (?:or|and) (?:at your option )?(?:any )?(?:later|newer|above|greater|higher)(?= |$)/g,
      ' or later',
    )
    .trim()
  plain = ` ${plain} `
  for (const [phrase, short] of PHRASES) plain = plain.replaceAll(` ${phrase} `, ` ${short} `)
  return inOrder(withoutEmptyWords(plain))
}

function withoutEmptyWords(text: string): string {
  return text
    .split(/\s+/)
    .filter((word) => word !== '' && !EMPTY_WORDS.has(word))
    .join(' ')
}

/** The elements of a Creative Commons licence in the order of its identifier: by, nc, nd, sa. */
function inOrder(text: string): string {
  const [, elements, rest = ''] = /^(?:cc )?((?:(?:by|nc|nd|sa)(?: |$))+)(.*)$/.exec(text) ?? []
  const words = new Set(elements?.trim().split(' '))
  return words.size < 2 ? text : ['cc', ...[...words].sort(), rest].join(' ').trim()
}
