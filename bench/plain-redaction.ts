// Redaction as one would write it with regular expressions alone: every pattern of the filter `pii`
// runs over every text, a string. The filter's own functions decide what a match must satisfy
// besides (check digits, issuers, the words before a number), so that both find the same things and
// only the search differs. Usage: plain-redaction.js MODE TEXTS.
import { readFileSync } from 'node:fs'
import { ibanLength } from '../filters/pii/bank.ts'
import { isAddress, trimName } from '../filters/pii/email.ts'
import {
  type Finding,
  type Passage,
  PII_TYPES,
  type PiiType,
  PLACEHOLDERS,
} from '../filters/pii/finding.ts'
import { isGlobalIPv6 } from '../filters/pii/ip-address.ts'
import { KEY_RULES } from '../filters/pii/key.ts'
import { loginBefore } from '../filters/pii/keys/login.ts'
import { barrierOf, isToken } from '../filters/pii/keys/token.ts'
import { AZURE_SECRET, TOKENS } from '../filters/pii/keys/tokens.ts'
import { numbersAt } from '../filters/pii/number.ts'
import { SHORT_ID_RULES } from '../filters/pii/short-id.ts'
import { servePasses } from './pass.ts'

/**
 * A pattern, and the part of a match to redact, as [start, end) in the match; undefined if the
 * match is rejected.
 */
interface Rule {
  readonly type: PiiType
  readonly pattern: RegExp
  readonly part: (match: RegExpExecArray) => readonly [number, number] | undefined
}

/** The last group of a match, which is at its end. */
const lastGroup = (match: RegExpExecArray, value: string): readonly [number, number] => {
  const start = match[0].lastIndexOf(value)
  return [start, start + value.length]
}

const tokens: Rule[] = [...TOKENS, AZURE_SECRET].map((rule) => ({
  type: 'key',
  pattern: new RegExp(
    `${rule.inside ? '' : `(?<![${barrierOf(rule)}])`}(?:${rule.pattern})(?![A-Za-z0-9])`,
    'g',
  ),
  part(match) {
    const secret = match[1] ?? match[0]
    return isToken(rule, secret) ? lastGroup(match, secret) : undefined
  },
}))

/** Bytes around a word that decide whether a key is near it. */
const NEAR = { before: 700, after: 1600 }

/** A rule that starts from a word and asks the filter's own function what is near it. */
function near(
  type: PiiType,
  pattern: RegExp,
  find: (passage: Passage, at: number, text: string) => Finding | undefined,
): Rule {
  return {
    type,
    pattern,
    part({ input, index, 0: text }) {
      const from = Math.max(0, index - NEAR.before)
      const bytes = Buffer.from(input.slice(from, index + text.length + NEAR.after))
      const at = Buffer.byteLength(input.slice(from, index))
      const found = find({ bytes, start: 0, end: bytes.length, strict: false }, at, text)
      if (found === undefined) return undefined
      const units = (end: number): number => bytes.toString('utf8', 0, end).length - (index - from)
      return [units(found.start), units(found.end)]
    },
  }
}

type WordRule = (typeof SHORT_ID_RULES)[number]
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const tokenStarts = new Set(TOKENS.flatMap(({ starts }) => starts))
/** One pattern for all words that are searched in any case, and one for the others. */
const wordsOf = (type: PiiType, of: readonly WordRule[]): Rule[] =>
  [true, false].map((anyCase) => {
    const spelled = (text: string): string => (anyCase ? text.toLowerCase() : text)
    const rules = new Map(
      of
        .filter((rule) => rule.anyCase === anyCase && !tokenStarts.has(rule.fragment))
        .map((rule) => [spelled(Buffer.from(rule.fragment, 'latin1').toString()), rule]),
    )
    const union = [...rules.keys()].map(escaped).join('|')
    return near(type, new RegExp(union, anyCase ? 'gi' : 'g'), (passage, at, text) =>
      rules.get(spelled(text))?.find(passage, at, 0),
    )
  })

const keys: Rule[] = [
  ...tokens,
  ...wordsOf('key', KEY_RULES),
  ...wordsOf('nationalId', SHORT_ID_RULES),
  near('key', /@/g, (passage, at) => loginBefore(passage, at, 0)?.found),
]

const MARKS = '[\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff\\u061c]'
const ENDING = '([A-Za-z]{2,24})(?![A-Za-z0-9_])'
const address = (source: string, flags: string): Rule => ({
  type: 'email',
  pattern: new RegExp(source, flags),
  part(match) {
    const [all, name = '', host = '', ending = ''] = match
    const trimmed = trimName(name)
    return isAddress(trimmed, host, ending, false)
      ? [name.length - trimmed.length, all.length]
      : undefined
  },
})
const emails: Rule[] = [
  address(
    `(?<![A-Za-z0-9._%+-])((?:[A-Za-z0-9._%+-]|${MARKS})+)(?:@|%40|&#64;)(${MARKS}{0,4}(?:[A-Za-z0-9-]{1,63}${MARKS}{0,4}\\.${MARKS}{0,4}){1,8}${ENDING})`,
    'g',
  ),
  address(
    `([A-Za-z0-9._%+-]+ {0,2})(?:\\[at\\]|\\(at\\)|\\{at\\}|\\[ at \\]|\\( at \\))( {0,2}(?:[A-Za-z0-9-]{1,63}(?:\\.| {0,2}[[({] {0,1}dot {0,1}[\\])}] {0,2})){1,8}${ENDING})`,
    'gi',
  ),
]

const accounts: Rule[] = [
  {
    type: 'ipAddress',
    pattern: /(?<![0-9A-Za-z_:.])[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{1,34}(?![0-9A-Za-z_])/g,
    part([text]) {
      const bare = text.replace(/:$/, '')
      return isGlobalIPv6(bare) ? [0, bare.length] : undefined
    },
  },
  {
    type: 'iban',
    pattern: /(?<![A-Za-z0-9])[A-Z]{2}[ -]?\d\d(?:[ -]?[A-Z0-9]){11,30}/g,
    part([text]) {
      const length = ibanLength(text)
      return length === 0 ? undefined : [0, length]
    },
  },
]

const RULES: readonly Rule[] = [...keys, ...emails, ...accounts]

const DIGIT = '[\\d٠-٩۰-۹]'
const SEPARATOR = '[ ()+./\\u00a0\\u061c\\u2000-\\u2015\\u202a-\\u202f\\u205f-\\u2069\\u2212-]'
/** Seven digits with at most three separators between two, or four numbers with dots. */
const CLUSTER = new RegExp(
  `${DIGIT}(?:${SEPARATOR}{0,3}${DIGIT}){6,}|\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}`,
  'g',
)
/** Characters around a cluster that decide what it is. */
const AROUND = 80

type Counts = Record<PiiType, number>

function redact(text: string, counts: Counts): string {
  let redacted = text
  for (const { pattern, part, type } of RULES)
    redacted = replaceMatches(redacted, pattern, type, part, counts)
  return replaceNumbers(redacted, counts)
}

function replaceMatches(
  text: string,
  pattern: RegExp,
  type: PiiType,
  part: Rule['part'],
  counts: Counts,
): string {
  let result = ''
  let copied = 0
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const found = part(match)
    if (found === undefined || match.index + found[0] < copied) continue
    counts[type]++
    result += text.slice(copied, match.index + found[0]) + PLACEHOLDERS[type]
    copied = match.index + found[1]
    pattern.lastIndex = Math.max(copied, match.index + 1)
  }
  return copied === 0 ? text : result + text.slice(copied)
}

function replaceNumbers(text: string, counts: Counts): string {
  let result = ''
  let copied = 0
  CLUSTER.lastIndex = 0
  for (let match = CLUSTER.exec(text); match !== null; match = CLUSTER.exec(text)) {
    const from = Math.max(copied, match.index - AROUND)
    const before = Buffer.byteLength(text.slice(from, match.index))
    const bytes = Buffer.from(text.slice(from, match.index + match[0].length + AROUND))
    const found: Finding[] = []
    numbersAt({ bytes, start: 0, end: bytes.length, strict: false }, before, found)
    for (const { start, end, type } of found) {
      counts[type]++
      const begin = from + bytes.toString('utf8', 0, start).length
      result += text.slice(copied, begin) + PLACEHOLDERS[type]
      copied = begin + bytes.toString('utf8', start, end).length
    }
    CLUSTER.lastIndex = Math.max(CLUSTER.lastIndex, copied)
  }
  return copied === 0 ? text : result + text.slice(copied)
}

const [, textsPath = ''] = process.argv.slice(2)
const texts = readFileSync(textsPath, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => (JSON.parse(line) as { text: string }).text)

await servePasses(() => {
  const all = texts.map((text) => {
    const counts = Object.fromEntries(PII_TYPES.map((type) => [type, 0])) as Counts
    let redacted = text
    // Redacted text is searched again, as the filter does.
    for (let before = ''; before !== redacted; ) {
      before = redacted
      redacted = redact(before, counts)
    }
    return counts
  })
  return () => all.map((counts) => PII_TYPES.map((type) => counts[type]).join(' '))
})
