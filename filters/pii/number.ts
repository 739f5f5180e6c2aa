// Finds accounts, cards, addresses, national ids and telephones in a cluster of digits.
import { isCard } from './bank.ts'
import {
  clusterAt,
  digitBehind,
  digitsFrom,
  firstGroups,
  type Groups,
  groupsAt,
  isDigit,
  type Plain,
} from './cluster.ts'
import { codedIdAround } from './coded-id.ts'
import { type Context, contextOf, isCalledPhone } from './context.ts'
import { dateEnd } from './date.ts'
import { type Finding, type Passage, type PiiType, windowOf } from './finding.ts'
import { ibanAround } from './iban.ts'
import { IPV4, isInRow, isPublicAddress } from './ip-address.ts'
import { isNationalId } from './national-id.ts'
import { isPhone } from './phone.ts'

/**
 * Adds the findings of the cluster whose first digit is at `start` to `found`. Returns the end of
 * the cluster.
 */
export function numbersAt(passage: Passage, start: number, found: Finding[]): number {
  let first = start
  const from = (): number => found.at(-1)?.end ?? passage.start
  for (
    let iban = ibanAround(passage, first, from());
    iban;
    iban = ibanAround(passage, first, from())
  ) {
    found.push(iban)
    const next = digitBehind(passage, iban.end)
    if (next === undefined) return iban.end
    first = next
  }
  const coded = codedIdAround(passage, first, from(), found.at(-1))
  if (coded !== undefined) {
    found.push(coded)
    return coded.end
  }
  const date = dateEnd(passage, first, from())
  if (date !== undefined) return date
  const cluster = clusterAt(passage, first, from())
  const { text, at } = cluster
  for (let start = 1; start < text.length - 1; start++) {
    if (!isDigit(text, start) || isDigit(text, start - 1)) continue
    const match = numberAt(passage, cluster, start, found.at(-1))
    if (match === undefined) continue
    found.push({ start: at[match.start] ?? 0, end: match.endByte, type: match.type })
    start = match.end - 1
  }
  return at[text.length - 1] ?? passage.end
}

const MIN_DIGITS = 7
/** Bytes on either side in which a neighbouring number is looked for. */
const ROW = 16

interface Match {
  readonly start: number
  readonly end: number
  readonly endByte: number
  readonly type: PiiType
}

/** The number whose first digit is at `first` in the cluster's text. */
function numberAt(
  passage: Passage,
  { text, at }: Plain,
  first: number,
  last: Finding | undefined,
): Match | undefined {
  const address = addressAt(text, first)
  if (address === null && digitsFrom(text, first) < MIN_DIGITS) return undefined
  const opening = openingOf(passage, text, at, first, last)
  if (opening === undefined) return undefined
  const groups = groupsAt(text, first)
  if (address === null && (groups.digits.length < MIN_DIGITS || isSeries(groups))) return undefined
  const context = contextOf(passage, at[opening.start] ?? 0, last)
  if (address) {
    const end = first + address[0].length
    if (/[a-z_]/.test(text[end] ?? '') || !isPublicAddress(address, context)) return undefined
    const [from = 0, to = 0] = [at[first], at[end]]
    if (isInRow(windowOf(passage, from - ROW, from), windowOf(passage, to, to + ROW)))
      return undefined
    // A build name follows a version: 5.15.0.91-generic.
    if (/^-[a-z]/i.test(windowOf(passage, to, to + 2))) return undefined
    return { start: first, end, endByte: at[end] ?? 0, type: 'ipAddress' }
  }
  let digits = groups.digits.length
  for (let count = groups.lengths.length; count > 0; count--) {
    if (digits < MIN_DIGITS) return undefined
    digits -= groups.lengths[count - 1] ?? 0
    const match = wholeNumber(passage, text, at, groups, count, opening, context)
    if (match) return match
  }
  return undefined
}

function addressAt(text: string, first: number): RegExpExecArray | null {
  // At most three digits and a dot.
  let end = first
  while (end - first < 3 && isDigit(text, end)) end++
  if (text[end] !== '.') return null
  IPV4.lastIndex = first
  return IPV4.exec(text)
}

/** Single digits. */
const isSeries = ({ lengths: [a, b, c] }: Groups): boolean => a === 1 && b === 1 && c === 1

/** How a number begins: with `+` and brackets at `start`, or with its first digit. */
interface Opening {
  readonly start: number
  readonly plus: boolean
  readonly bracket: boolean
  /** Whether it is part of an address or a path. */
  readonly inPath: boolean
}

/** Undefined if no number can begin here: inside a word, a decimal, a range or an amount. */
function openingOf(
  passage: Passage,
  text: string,
  at: Int32Array,
  first: number,
  last: Finding | undefined,
): Opening | undefined {
  const used = last?.end ?? passage.start
  let start = first
  while (start > 1 && first - start < 4 && (at[start - 1] ?? 0) >= used) {
    const before = text[start - 1]
    if (before === '+' || before === '(' || (before === ' ' && text[start - 2] === '+')) start--
    else break
  }
  const byte = at[start - 1] ?? 0
  const before = byte < used ? ' ' : (text[start - 1] ?? ' ')
  // `%2B` is a plus sign in an address.
  const encoded = before === 'a' && /%2B$/i.test(windowOf(passage, byte - 2, byte + 1))
  if ((before === 'a' && !encoded) || before === '$' || isDigit(before, 0)) return undefined
  // Seconds: 13:46:07.595-04.
  if (before === ':' && byte > used && /^\d\d(?!\d)/.test(text.slice(first, first + 3)))
    if (/\d:$/.test(windowOf(passage, byte - 1, byte + 1))) return undefined
  let touches = false
  if (before === '.' || before === '/' || before === '-') {
    const beyond = start > 1 ? text[start - 2] : windowOf(passage, byte - 1, byte)
    touches = /[A-Za-z0-9_]/.test(beyond ?? '') && used !== byte
    if (touches && before !== '/') return undefined
  }
  // `a + 5` is a sum, and so is `a +(5` in code.
  const opened = text.slice(start, first)
  const plus = opened !== '' && (passage.strict ? opened === '+' : /^\(?\+\(?$/.test(opened))
  return { start, plus: plus || encoded, bracket: opened.includes('('), inPath: touches }
}

/** The type of the first `count` groups, if they are a number of their own. */
function wholeNumber(
  passage: Passage,
  text: string,
  at: Int32Array,
  all: Groups,
  count: number,
  { start, plus, bracket, inPath }: Opening,
  context: Context,
): Match | undefined {
  let end = all.ends[count - 1] ?? start
  const trailingPlus = text[end] === '+' && !isDigit(text, end + 1)
  if (trailingPlus) end++
  const extension = extensionAt(passage, at[end] ?? 0)
  if (extension === 0 && !mayEnd(text, end, all, count, plus)) return undefined
  const groups = count === all.lengths.length ? all : firstGroups(all, count)
  const match = (type: PiiType): Match => ({
    start,
    end,
    endByte: (at[end] ?? 0) + extension,
    type,
  })
  if (isCard(groups, () => context('card'))) return match('card')
  if (isNationalId(groups, () => context('nationalId'))) return match('nationalId')
  const called = (): boolean => context('phone') || isCalledPhone(passage, at[end] ?? 0)
  const dialled = {
    groups,
    plus: plus || trailingPlus,
    bracket,
    context,
    called,
    strict: passage.strict || inPath,
  }
  if (isPhone(dialled) || (trailingPlus && isPhone({ ...dialled, groups: reversed(groups) })))
    return match('phone')
  return undefined
}

/** Bytes of an extension after a telephone number: `x123`, ` ext. 45`. */
function extensionAt(passage: Passage, end: number): number {
  const { bytes } = passage
  let at = end
  while (at < end + 2 && bytes[at] === 0x20) at++
  const byte = (bytes[at] ?? 0) | 0x20
  if (byte !== 0x78 && byte !== 0x65) return 0
  const match = /^(?: {0,2}(?:x|ext\.?|extension) {0,2}\d{1,6})(?![A-Za-z0-9_])/i.exec(
    windowOf(passage, end, end + 24),
  )
  return match?.[0].length ?? 0
}

/**
 * Whether a number of `count` groups may end here: not inside a word or a decimal, and not before
 * more groups of the same kind.
 */
function mayEnd(text: string, end: number, groups: Groups, count: number, plus: boolean): boolean {
  const next = text[end]
  if (next === 'a' || next === '@' || next === '%') return false
  let digit = end
  while (digit < end + 4 && digit < text.length && !isDigit(text, digit)) digit++
  if (digit === end || digit === end + 4 || digit === text.length) return true
  const behind = text.slice(end, digit)
  const beginsAnother = text[digit] === '0' || behind.includes('+')
  if ((next === '.' || next === '-') && !beginsAnother) return false
  if (plus || beginsAnother || behind.includes('(')) return true
  const separators = groups.separators.slice(0, count - 1)
  return !separators.includes(behind)
}

/** The groups in reverse order, as a right-to-left line shows them. */
function reversed({ digits, lengths, separators, ends }: Groups): Groups {
  let at = 0
  const parts = lengths.map((length) => {
    at += length
    return digits.slice(at - length, at)
  })
  return {
    digits: parts.reverse().join(''),
    lengths: [...lengths].reverse(),
    separators: [...separators].reverse(),
    ends,
  }
}
