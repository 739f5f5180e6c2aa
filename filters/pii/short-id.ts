// Identity numbers of four to six digits among letters. The scanner passes over so few digits, so
// that these are found from a word that names them, which each needs anyway: none has a check digit
// that is published.
import { type Context, contextOf } from './context.ts'
import { type Finding, inWindow, type Passage, windowOf } from './finding.ts'

interface Form {
  /** Its first group is the number; without `g`, so that no state is kept. */
  readonly pattern: RegExp
  readonly called: Parameters<Context>[0]
  /** Words that name it, or parts of them, of 16 bytes at most: the scanner takes no more. */
  readonly labels: readonly { readonly text: string; readonly anyCase: boolean }[]
}

const inAnyCase = (...texts: string[]) => texts.map((text) => ({ text, anyCase: true }))
const asWritten = (...texts: string[]) => texts.map((text) => ({ text, anyCase: false }))
const whole = (form: string, flags = ''): RegExp =>
  new RegExp(`(?<![A-Za-z0-9])(${form})(?![A-Za-z0-9])`, flags)

/**
 * British national insurance numbers: HMRC's National Insurance Manual NIM39110 says which prefixes
 * are never issued and that the suffix is A to D.
 */
const INSURANCE: Form = {
  pattern: whole(
    '(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?:[ -]?\\d\\d){3}[ -]?[A-D]',
    'i',
  ),
  called: 'insurance',
  labels: [
    ...inAnyCase('insurance', 'nino', 'ni n', 'ni #'),
    ...asWritten('NI:', 'التأمين', 'التامين'),
  ],
}

/**
 * Indian permanent account numbers: the Income Tax Department gives the fourth letter by the kind
 * of holder; the number 0000 is not issued.
 */
const TAX: Form = {
  pattern: whole('[A-Z]{3}[ABCFGHJLPT][A-Z](?!0000)\\d{4}[A-Z]'),
  called: 'tax',
  labels: [
    ...inAnyCase('pan n', 'pan c', 'pan:', 'pan i', 'permanent acc', 'income tax'),
    ...asWritten('PAN', 'الدائم', 'ضريب'),
  ],
}

/** Moroccan identity cards: letters of the office, and five or six digits. */
const CARD: Form = {
  pattern: whole('[A-Z]{1,2}(?:\\d{5,6}| \\d{6})'),
  called: 'identityCard',
  labels: [
    ...inAnyCase('cnie', 'c.i.n', "carte d'ident", 'carte nationale', 'carte d’ident'),
    ...inAnyCase('national id', 'identity card', 'moroccan id'),
    ...asWritten('CIN', 'بطاقة', 'بطاقت', 'الهوية', 'هويت', 'التعريف'),
  ],
}

/** Passports of few digits; those of seven and more are in ./coded-id.ts. */
const PASSPORT: Form = {
  pattern: whole('[A-Z]{1,2}\\d{6}'),
  called: 'nationalId',
  labels: [...inAnyCase('passport'), ...asWritten('جواز')],
}

const FORMS = [INSURANCE, TAX, CARD, PASSPORT]

/** How far behind the beginning of its label a number may begin and end, in bytes. */
const REACH = 96

/** A rule of the scanner: a word, and how to look for the number behind it. */
interface LabelRule {
  readonly fragment: string
  readonly anyCase: boolean
  find(passage: Passage, at: number, from: number): Finding | undefined
}

/** One rule per word. */
export const SHORT_ID_RULES: readonly LabelRule[] = FORMS.flatMap((form) =>
  form.labels.map(({ text, anyCase }) => ({
    fragment: inWindow(text),
    anyCase,
    find: (passage: Passage, at: number) => behind(form, passage, at),
  })),
)

/** The first number of the form behind the label at `at`, if the label names it. */
function behind({ pattern, called }: Form, passage: Passage, at: number): Finding | undefined {
  const match = pattern.exec(windowOf(passage, at, at + REACH))
  if (match === null) return undefined
  const start = at + match.index
  const end = start + match[0].length
  // A number that the window cuts is not whole.
  if (end === at + REACH || !contextOf(passage, start, undefined)(called)) return undefined
  return { start, end, type: 'nationalId' }
}
