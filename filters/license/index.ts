import { z } from 'zod'
import { textAt } from '../../src/core/batch.ts'
import { defineFilter } from '../../src/core/filter.ts'
import { judgedBy } from '../../src/core/judgement.ts'
import { isKnown, parseLicense, printLicense } from './expression.ts'
import { FAMILIES, isMeaningful, type Policy, policyJudge, REFUSALS } from './policy.ts'
import { saysNothing } from './resolve.ts'

const entry = z.string().refine(isMeaningful, {
  error: 'neither an SPDX identifier nor a family nor a pattern that fits one',
})
const families = Object.keys(FAMILIES).join(', ')
const allow = z.array(entry)
const deny = z.array(entry)
const unknown = z.enum(['keep', 'drop'])

const options = z.strictObject({
  allow: allow
    .default(['*'])
    .describe(
      'Licences that permit use: SPDX identifiers, patterns such as CC-BY-*, or families: ' +
        `${families}. Of alternatives one is enough, of several that hold together all must be.`,
    ),
  deny: deny
    .default([])
    .describe('Licences that do not permit use even if they are allowed, written like allow.'),
  unknown: unknown
    .default('drop')
    .describe('What becomes of documents without a licence, or with one that is not known.'),
  bySource: z
    .record(
      z.string(),
      z.strictObject({
        allow: allow.optional(),
        deny: deny.optional(),
        unknown: unknown.optional(),
      }),
    )
    .default({})
    .describe('Other settings for single sources, by their names.'),
})

/** Characters of a wording that are kept. */
const MAX_WORDING = 80
/** Different licences that are remembered; a corpus has a few hundred. */
const REMEMBERED = 10_000

/** Keeps documents whose licence permits use by one policy for all sources. */
export const license = defineFilter({
  name: 'license',
  version: 1,
  summary: 'Keeps documents whose licence a policy allows: SPDX expressions, names and addresses.',
  options,
  example: { allow: ['permissive', 'public-domain', 'CC-BY-SA-*'] },
  thresholds: ['allow', 'deny', 'unknown', 'bySource'],
  create({ bySource, ...general }) {
    const judgeAll = policyJudge(general)
    const judges = new Map(
      Object.entries(bySource).map(([source, own]) => {
        const set = defined(own)
        const optionOf = (name: string) => (name in set ? `bySource.${source}.${name}` : name)
        return [source, policyJudge({ ...general, ...set }, optionOf)]
      }),
    )
    return {
      reasons: REFUSALS,
      measures: {
        license: {
          type: 'label',
          description: 'The licence as an SPDX expression; NOASSERTION where it is not known.',
        },
        known: { type: 'count', description: '1 if every licence of the expression is known.' },
        wording: { type: 'label', description: 'What a licence that is not known says.' },
        source: { type: 'label', description: 'Name of the source.' },
      },
      measure(batch, out) {
        const [licenses, wordings] = [out.label('license'), out.label('wording')]
        const [known, sources] = [out.count('known'), out.label('source')]
        for (let row = 0; row < batch.rows; row++) {
          const text = textAt(batch.license, row)
          const found = read(text)
          licenses[row] = found.license
          known[row] = found.known ? 1 : 0
          wordings[row] = found.known || saysNothing(text) ? '' : text.slice(0, MAX_WORDING)
          sources[row] = batch.source
        }
      },
      ...judgedBy(({ values }) => [
        (judges.get(String(values.source)) ?? judgeAll)(String(values.license)),
      ]),
    }
  },
})

const remembered = new Map<string, { readonly license: string; readonly known: boolean }>()

function read(text: string): { readonly license: string; readonly known: boolean } {
  const before = remembered.get(text)
  if (before) return before
  const expression = parseLicense(text)
  const found = { license: printLicense(expression), known: isKnown(expression) }
  if (remembered.size < REMEMBERED && text.length < 1000) remembered.set(text, found)
  return found
}

/** The settings that are given. */
function defined(
  own: { readonly [Name in keyof Policy]?: Policy[Name] | undefined },
): Partial<Policy> {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
}
