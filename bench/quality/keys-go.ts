// Reads string values out of Go sources: just enough of the language for the lists of examples in
// the rules of gitleaks.
import { generate } from './keys-pattern.ts'

/** What an expression is worth: a string, or a list of strings with a name for each. */
type Value = string | readonly Example[]

/** A text, and the name it has in the list it stands in: a spelling, or the path of a file. */
export interface Example {
  readonly name: string
  readonly text: string
}

/** The examples of one rule: texts that hold a secret, and texts that do not. */
export interface RuleExamples {
  readonly rule: string
  readonly secret: readonly Example[]
  readonly harmless: readonly Example[]
}

type Scope = Map<string, Value>

/**
 * The examples of every rule in a file, in order. `spellings` are templates in which `{i}`, `{I}`
 * and `{s}` stand for a name, the same in capitals, and a secret.
 */
export function examplesIn(source: string, spellings: readonly Example[]): RuleExamples[] {
  const found: RuleExamples[] = []
  const scope: Scope = new Map()
  let rule = ''
  const reader = goReader(source, scope, spellings, () => rule)
  for (;;) {
    const token = reader.take()
    if (token === undefined) return found
    if (token.text === 'RuleID') rule = reader.fieldValue() ?? rule
    if (token.text === 'return' && rule !== '') {
      found.push({ rule, secret: listIn(scope, 'tps'), harmless: listIn(scope, 'fps') })
      rule = ''
      scope.delete('tps')
      scope.delete('fps')
    }
    if (token.kind === 'name') reader.assignment(token.text)
  }
}

/** The templates by which gitleaks spells one secret in many languages. */
export function spellingsIn(source: string): readonly Example[] {
  const scope: Scope = new Map()
  const reader = goReader(source, scope, [], () => '')
  for (let token = reader.take(); token !== undefined; token = reader.take()) {
    if (token.kind === 'name') reader.assignment(token.text)
  }
  return listIn(scope, 'samples')
}

function listIn(scope: Scope, name: string): readonly Example[] {
  const value = scope.get(name) ?? []
  return typeof value === 'string' ? [{ name: '', text: value }] : value
}

interface Token {
  readonly kind: 'string' | 'name' | 'sign'
  readonly text: string
}

const TOKEN =
  /\s+|\/\/.*|\/\*[\s\S]*?\*\/|(`[^`]*`|"(?:[^"\\\n]|\\.)*")|([A-Za-z_]\w*(?:\.\w+)*)|(:=|\.\.\.|'(?:[^'\\]|\\.)'|\d+|[\s\S])/g

function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  for (const [, string, name, sign] of source.matchAll(TOKEN)) {
    if (string !== undefined) tokens.push({ kind: 'string', text: stringValue(string) })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
  }
  return tokens
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function stringValue(literal: string): string {
  if (literal.startsWith('`')) return literal.slice(1, -1)
  return literal.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, sign: string) => {
    if (sign.length > 1) return String.fromCharCode(Number.parseInt(sign.slice(1), 16))
    return ESCAPES[sign] ?? sign
  })
}

function goReader(
  source: string,
  scope: Scope,
  spellings: readonly Example[],
  seedOf: () => string,
) {
  const tokens = tokensOf(source)
  let at = 0
  let made = 0
  const is = (text: string): boolean => tokens[at]?.kind === 'sign' && tokens[at]?.text === text
  const skip = (text: string): boolean => {
    if (!is(text)) return false
    at++
    return true
  }

  /** A sum of terms; undefined if it holds anything else. */
  function sum(): Value | undefined {
    let value = term()
    while (value !== undefined && is('+')) {
      at++
      const next = term()
      if (typeof value !== 'string' || typeof next !== 'string') return undefined
      value += next
    }
    return value
  }

  function term(): Value | undefined {
    const token = tokens[at++]
    if (token === undefined) return undefined
    if (token.kind === 'string') return token.text
    if (token.text === '(') {
      const value = sum()
      return skip(')') ? value : undefined
    }
    if (token.text === '[' && skip(']')) {
      at++
      return skip('{') ? list('}') : undefined
    }
    if (token.text === 'map') {
      while (tokens[at] !== undefined && !is('{')) at++
      at++
      return list('}')
    }
    if (token.kind !== 'name') return undefined
    if (!skip('(')) return scope.get(token.text)
    const given = list(')')
    return given && call(token.text, given)
  }

  /** Values up to the closing sign; of `key: value` the key is the name. */
  function list(close: string): readonly Example[] | undefined {
    const all: Example[] = []
    while (!skip(close)) {
      let value = sum()
      let name = ''
      if (typeof value === 'string' && skip(':')) {
        name = value
        value = sum()
      }
      if (value === undefined) return undefined
      all.push(...(typeof value === 'string' ? [{ name, text: value }] : value))
      skip('...')
      if (!skip(',') && !is(close)) return undefined
    }
    return all
  }

  function call(name: string, given: readonly Example[]): Value | undefined {
    const [first = '', ...rest] = given.map(({ text }) => text)
    const secret = rest[0] ?? ''
    const ranges = CLASSES[name]
    if (ranges !== undefined) return `[${ranges}]{${first}}`
    if (name === 'append') return given
    if (name === 'secrets.NewSecret' || name === 'newPlausibleSecret')
      return generate(first, `${seedOf()}/${made++}`)
    if (name === 'utils.Hex8_4_4_4_12')
      return [8, 4, 4, 4, 12].map((n) => `[0-9a-f]{${n}}`).join('-')
    if (name === 'utils.GenerateSampleSecret') return `${first}_api_token = "${secret}"`
    if (name === 'fmt.Sprintf') return rest.reduce((text, part) => text.replace('%s', part), first)
    if (name !== 'utils.GenerateSampleSecrets') return undefined
    return spellings.map((spelling) => ({
      name: spelling.name,
      text: spelling.text
        .replaceAll('{i}', first)
        .replaceAll('{I}', first.toUpperCase())
        .replaceAll('{s}', secret),
    }))
  }

  return {
    take: (): Token | undefined => tokens[at++],
    /** The string after a colon. */
    fieldValue(): string | undefined {
      if (!skip(':')) return undefined
      return tokens[at]?.kind === 'string' ? tokens[at]?.text : undefined
    },
    /** If a name is given a value here that can be read, keeps it. */
    assignment(name: string): void {
      const start = at
      if (!skip(':=') && !skip('=')) return
      const value = sum()
      if (value !== undefined) scope.set(name, value)
      at = start
    },
  }
}

/** The functions that make a class of characters of a given length. */
const CLASSES: Readonly<Record<string, string>> = {
  'utils.Numeric': '0-9',
  'utils.Hex': 'a-f0-9',
  'utils.AlphaNumeric': 'a-z0-9',
  'utils.AlphaNumericExtendedShort': 'a-z0-9_-',
  'utils.AlphaNumericExtended': 'a-z0-9=_\\-',
  'utils.AlphaNumericExtendedLong': 'a-z0-9\\/=_\\+\\-',
}
