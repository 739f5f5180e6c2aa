import type { Judgement } from '../../src/core/filter.ts'
import { type Expression, type License, parseLicense, printLicense } from './expression.ts'
import { IDENTIFIERS } from './resolve.ts'
import {
  PERMISSIVE,
  PUBLIC_DOMAIN,
  RESTRICTED,
  STRONG_COPYLEFT,
  WEAK_COPYLEFT,
} from './spdx-ids.ts'
import { REFERENCES } from './spellings.ts'

/** Families of licences that a policy may name, each with its members among SPDX's identifiers. */
export const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  permissive: PERMISSIVE,
  'public-domain': PUBLIC_DOMAIN,
  copyleft: [...WEAK_COPYLEFT, ...STRONG_COPYLEFT],
  'weak-copyleft': WEAK_COPYLEFT,
  'strong-copyleft': STRONG_COPYLEFT,
  restricted: RESTRICTED,
  'creative-commons': IDENTIFIERS.filter((id) => /^CC0?-/.test(id)),
  'non-commercial': IDENTIFIERS.filter((id) => /-NC-|Noncommercial|^NCGL/.test(id)),
  'no-derivatives': IDENTIFIERS.filter((id) => /^CC-BY-(?:NC-)?ND-/.test(id)),
}

/** What is allowed and denied: families, identifiers, other spellings of them, and patterns. */
export interface Policy {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  /** What becomes of licences of which nothing is known. */
  readonly unknown: 'keep' | 'drop'
}

/** Reasons in rising order: of an `AND` the first holds, of an `OR` the last. */
const VERDICTS = ['license-denied', 'license-not-allowed', 'license-unknown', 'allowed'] as const
/** Why a licence does not permit use. */
export type Refusal = Exclude<(typeof VERDICTS)[number], 'allowed'>
/** The reasons for which a policy drops documents. */
export const REFUSALS: readonly Refusal[] = VERDICTS.slice(0, 3) as Refusal[]

/** Whether an entry of a policy means anything: a family, a licence, or a pattern with members. */
export function isMeaningful(entry: string): boolean {
  if (Object.hasOwn(FAMILIES, entry)) return true
  if (entry.includes('*')) return /^LicenseRef-/i.test(entry) || IDENTIFIERS.some(patternOf(entry))
  const license = parseLicense(entry)
  return !('operator' in license) && license.id !== undefined
}

/**
 * Returns a function that judges an expression as `printLicense` writes it. Of alternatives one
 * must be allowed, of an `AND` all. A denied licence is never allowed. `optionOf` gives the full
 * name of the option that holds a part of the policy.
 */
export function policyJudge(
  { allow, deny, unknown }: Policy,
  optionOf: (name: keyof Policy) => string = (name) => name,
): (text: string) => Judgement {
  const [allowed, denied] = [entryTest(allow), entryTest(deny)]
  const rankOf = (expression: Expression): number => {
    if ('operator' in expression) {
      const ranks = expression.parts.map(rankOf)
      return expression.operator === 'OR' ? Math.max(...ranks) : Math.min(...ranks)
    }
    if (expression.id === undefined)
      return VERDICTS.indexOf(unknown === 'keep' ? 'allowed' : 'license-unknown')
    if (denied(expression)) return VERDICTS.indexOf('license-denied')
    return VERDICTS.indexOf(allowed(expression) ? 'allowed' : 'license-not-allowed')
  }
  const known = new Map<string, Judgement>()
  return (text) => {
    const before = known.get(text)
    if (before) return before
    const verdict = VERDICTS[rankOf(parseLicense(text))] ?? 'allowed'
    const judgement = judgementOf(text, verdict)
    if (known.size < 10_000) known.set(text, judgement)
    return judgement
  }

  function judgementOf(value: string, verdict: (typeof VERDICTS)[number]): Judgement {
    const head = { measure: 'license', value, passed: verdict === 'allowed' }
    if (verdict === 'license-denied')
      return {
        ...head,
        reason: verdict,
        comparison: 'not-among',
        limit: deny,
        option: optionOf('deny'),
      }
    if (verdict === 'license-unknown')
      return {
        ...head,
        reason: verdict,
        comparison: 'not-among',
        limit: ['NOASSERTION'],
        option: optionOf('unknown'),
      }
    const reason: Refusal = 'license-not-allowed'
    return { ...head, reason, comparison: 'among', limit: allow, option: optionOf('allow') }
  }
}

function entryTest(entries: readonly string[]): (license: License) => boolean {
  const tests = entries.map((entry) => {
    const family = Object.hasOwn(FAMILIES, entry) ? FAMILIES[entry] : undefined
    if (family !== undefined) return familyTest(entry, family)
    if (entry.includes('*')) return patternOf(entry)
    return sameAs(entry)
  })
  return ({ id = '', exception }) =>
    tests.some((test) => test(id) || (exception !== undefined && test(`${id} WITH ${exception}`)))
}

function familyTest(name: string, members: readonly string[]): (id: string) => boolean {
  const ids = new Set(members)
  return (id) => ids.has(id.replace(/\+$/, '')) || (REFERENCES[id]?.includes(name) ?? false)
}

/** `CC-BY-*` in any case. Names that SPDX has no identifier for match without `LicenseRef-` too. */
function patternOf(entry: string): (id: string) => boolean {
  const source = entry.split('*').map((part) => part.replace(/[.+()]/g, '\\$&'))
  const pattern = new RegExp(`^(?:LicenseRef-)?${source.join('.*')}$`, 'i')
  return (id) => pattern.test(id)
}

function sameAs(entry: string): (id: string) => boolean {
  const wanted = printLicense(parseLicense(entry))
  return (id) => id === wanted || id === `${wanted}+`
}
