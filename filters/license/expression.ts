// SPDX expressions (Annex D of the SPDX 2.3 specification), read leniently: operators in any case,
// names in any known spelling, and the signs that package indexes use between licences.
import { resolveName, saysNothing, spdxName } from './resolve.ts'
import { EXCEPTIONS } from './spdx-ids.ts'

/** One licence. Without `id` nothing is known of it. */
export interface License {
  readonly id?: string
  /** An exception of SPDX, which adds permissions. */
  readonly exception?: string
}

/** A licence, or several of which any (`OR`) or all (`AND`) hold. */
export type Expression =
  | License
  | { readonly operator: 'AND' | 'OR'; readonly parts: readonly Expression[] }

const UNKNOWN: License = {}

/** What stands for a licence of which nothing is known, in SPDX's words. */
export const NO_ASSERTION = 'NOASSERTION'

/** Longer ones are not read. */
const MAX_LENGTH = 1000
/** Brackets inside each other. */
const MAX_DEPTH = 32

const exceptions = new Map(EXCEPTIONS.map((id) => [id.toLowerCase(), id]))

/** The expression that a text means. What it does not know is a licence without `id`. */
export function parseLicense(text: string): Expression {
  const plain = text.replace(/[\u200e\u200f\u00a0\s]+/g, ' ').trim()
  if (plain.length > MAX_LENGTH || saysNothing(plain)) return UNKNOWN
  const strict = parse(plain.split(/ |([()])/).filter(Boolean), spdxName)
  if (strict && isKnown(strict)) return simplified(strict)
  const id = resolveName(plain)
  if (id !== undefined) return { id }
  const lenient = parse(tokensOf(plain), resolveName) ?? UNKNOWN
  // In a sentence, "or" is a word like others.
  const isSentence = !isKnown(lenient) && /(?:^| )(?:and|or|with)(?= |$)/.test(plain)
  return isSentence ? UNKNOWN : simplified(lenient)
}

/** The text of an expression, which `parseLicense` reads back to the same. */
export function printLicense(expression: Expression): string {
  if (!('operator' in expression)) {
    const { id = NO_ASSERTION, exception } = expression
    return exception === undefined ? id : `${id} WITH ${exception}`
  }
  const { operator, parts } = expression
  return parts
    .map((part) => ('operator' in part ? `(${printLicense(part)})` : printLicense(part)))
    .join(` ${operator} `)
}

/** Whether every licence of an expression is known. */
export function isKnown(expression: Expression): boolean {
  if ('operator' in expression) return expression.parts.every(isKnown)
  return expression.id !== undefined
}

/** `(`, `)`, `AND`, `OR`, `WITH`, and the names between them. */
function tokensOf(text: string): string[] {
  // A slash between names is an OR in Cargo, a bar in R; commas and ampersands list what all holds.
  const spelled = text
    .replace(/(?:https?:)?\/\/[^\s()]+/gi, (address) => address.replaceAll('/', '\u0000'))
    .replace(/ ?(?:\||(?<=[\w+.])\/(?=[A-Za-z])) ?/g, ' OR ')
    .replace(/ ?[,;&] ?(?:and |or )?/gi, (sign) => (/or /i.test(sign) ? ' OR ' : ' AND '))
    .replaceAll('\u0000', '/')
  return spelled
    .split(/(?:^| )(AND|OR|WITH)(?= |$)|([()])/i)
    .filter((part) => part !== undefined && part.trim() !== '')
    .map((part) => part.trim())
}

const isOperator = (token: string | undefined, name: string): boolean =>
  token?.toUpperCase() === name

/** `WITH` binds more than `AND`, and `AND` more than `OR`. Undefined if brackets do not match. */
function parse(
  tokens: readonly string[],
  resolve: (name: string) => string | undefined,
): Expression | undefined {
  let at = 0
  const listOf = (operator: 'AND' | 'OR', next: (depth: number) => Expression | undefined) => {
    return (depth: number): Expression | undefined => {
      const parts: Expression[] = []
      do {
        const part = next(depth)
        if (part === undefined) return undefined
        parts.push(part)
      } while (isOperator(tokens[at], operator) && ++at)
      return parts.length === 1 ? parts[0] : { operator, parts }
    }
  }
  const single = (depth: number): Expression | undefined => {
    const token = tokens[at++]
    if (token === undefined || depth > MAX_DEPTH) return undefined
    if (token === '(') {
      const inner = any(depth + 1)
      return tokens[at++] === ')' ? inner : undefined
    }
    if (/^(?:\)|AND|OR|WITH)$/i.test(token)) return undefined
    const id = resolve(token)
    if (!isOperator(tokens[at], 'WITH')) return id === undefined ? UNKNOWN : { id }
    const exception = exceptions.get(tokens[at + 1]?.toLowerCase() ?? '')
    at += 2
    // What is no exception of SPDX may take permissions away, as the Commons Clause does.
    return id === undefined || exception === undefined ? UNKNOWN : { id, exception }
  }
  const any = listOf('OR', listOf('AND', single))
  const found = any(0)
  return at === tokens.length ? found : undefined
}

/** Without brackets that change nothing and without parts that stand there twice. */
function simplified(expression: Expression): Expression {
  if (!('operator' in expression)) return expression
  const { operator } = expression
  const parts = new Map<string, Expression>()
  for (const part of expression.parts.map(simplified)) {
    const same = 'operator' in part && part.operator === operator ? part.parts : [part]
    for (const one of same) parts.set(printLicense(one), one)
  }
  const [only] = parts.values()
  return parts.size === 1 && only ? only : { operator, parts: [...parts.values()] }
}
