import { z } from 'zod'
import { type Batch, kindAt, textAt } from '../../src/core/batch.ts'
import { defineFilter, type MeasureSpec } from '../../src/core/filter.ts'
import { atMost, judgedBy } from '../../src/core/judgement.ts'
import { lazily } from '../../src/core/lazily.ts'
import { type Finding, PII_TYPES, type PiiType, PLACEHOLDERS } from './finding.ts'
import { type Naming, numbered, plainly } from './placeholder.ts'
import { redactor } from './redact.ts'

const MEASURES = {
  email: 'emails',
  key: 'keys',
  ipAddress: 'ipAddresses',
  phone: 'phones',
  iban: 'ibans',
  card: 'cards',
  nationalId: 'nationalIds',
} as const satisfies Record<PiiType, string>

const NAMES: Record<PiiType, string> = {
  email: 'E-mail addresses',
  key: 'Keys, tokens and passwords',
  ipAddress: 'Public IP addresses',
  phone: 'Telephone numbers',
  iban: 'Bank account numbers (IBAN)',
  card: 'Payment card numbers',
  nationalId: 'National identity numbers',
}

const measures: Readonly<Record<string, MeasureSpec>> = {
  ...Object.fromEntries(
    PII_TYPES.map((type) => [
      MEASURES[type],
      {
        type: 'count',
        description: `${NAMES[type]} replaced by ${PLACEHOLDERS[type]}, text and metadata together.`,
      },
    ]),
  ),
  redactedShare: {
    type: 'number',
    description: 'Share of the bytes of the text that was replaced, 0 to 1.',
  },
}

const options = z.strictObject({
  placeholders: z
    .enum(['plain', 'numbered'])
    .default('plain')
    .describe(
      '`plain`: `<EMAIL>` for every address. `numbered`: `<EMAIL_1>` for the first value of a document wherever it stands, `<EMAIL_2>` for the next.',
    ),
  maxRedactedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe(
      'Documents with a larger share of their bytes replaced are dropped: contact lists, leaked tables.',
    ),
})

/**
 * Replaces personal data and secrets by typed placeholders, in the text and in everything else that
 * is published.
 */
export const pii = defineFilter({
  name: 'pii',
  version: 3,
  summary:
    'Replaces e-mail addresses, keys, IP addresses, telephone, account, card and identity numbers by placeholders.',
  options,
  example: {},
  thresholds: ['maxRedactedShare'],
  create({ placeholders, maxRedactedShare }) {
    const redacting = lazily(redactor)
    return {
      reasons: ['mostly-personal'],
      measures,
      limits: [{ measure: 'redactedShare', side: 'most', at: maxRedactedShare }],
      rewrites: true,
      redacts: true,
      measure(batch, out) {
        const redact = redacting()
        const counts = new Map(PII_TYPES.map((type) => [type, out.count(MEASURES[type])]))
        const seen = (row: number, { type }: { readonly type: PiiType }): void => {
          const count = counts.get(type)
          if (count) count[row] = (count[row] ?? 0) + 1
        }
        const share = out.number('redactedShare')
        const strict = (row: number): boolean => kindAt(batch, row) === 'code'
        const name = placeholders === 'plain' ? plainly : numbered(textsIn({ ...batch }))
        const { offsets } = batch.text
        const inText = (row: number, finding: Finding): void => {
          seen(row, finding)
          share[row] = (share[row] ?? 0) + (finding.end - finding.start)
        }
        batch.text = redact.text(batch.text, strict, inText, name)
        for (let row = 0; row < batch.rows; row++) {
          const length = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0)
          share[row] = (share[row] ?? 0) / Math.max(1, length)
        }
        redactRest(batch, redact, seen, name)
      },
      ...judgedBy(({ values }) => {
        const value = Number(values.redactedShare)
        return [
          atMost({
            reason: 'mostly-personal',
            measure: 'redactedShare',
            value,
            limit: maxRedactedShare,
            option: 'maxRedactedShare',
          }),
        ]
      }),
    }
  },
})

/** The texts of a row in which placeholders may stand, before any is replaced. */
const textsIn =
  ({ text, url, license, author, metadata }: Batch) =>
  (row: number): string[] =>
    [text, url, license, author, metadata].map((column) => textAt(column, row))

function redactRest(
  batch: Batch,
  redact: ReturnType<typeof redactor>,
  seen: (row: number, finding: { readonly type: PiiType }) => void,
  name: Naming,
): void {
  const always = (): boolean => true
  batch.url = redact.text(batch.url, always, seen, name)
  batch.license = redact.text(batch.license, always, seen, name)
  batch.author = redact.text(batch.author, () => false, seen, name)
  batch.metadata = redact.json(batch.metadata, seen, name)
  batch.id = redact.ids(batch.id, Buffer.byteLength(batch.source) + 1, seen)
}
