// Numbers and addresses found in repositories of code, each of which was read.
import { createHash } from 'node:crypto'
import type { PiiType } from '../../filters/pii/finding.ts'
import { CODE, type CodeFinding, findInCode } from './keys-code.ts'
import { spanFinder } from './keys-ours.ts'
import { VERDICTS } from './pii-verdicts.ts'
import { showRate } from './score.ts'
import type { QualityContext, Table } from './section.ts'

const TYPES: readonly PiiType[] = ['phone', 'ipAddress', 'nationalId', 'card', 'iban']

/** Characters before a value that belong to its judgement. */
const CONTEXT = 24

/** First eight hexadecimal digits of the SHA-256 of a finding with what stands before it. */
const hashOf = ({ type, before, value }: CodeFinding): string =>
  createHash('sha256')
    .update(`${type}\n${before.slice(-CONTEXT)}${value}`)
    .digest('hex')
    .slice(0, 8)

/** How many of those found are right; the same value in the same words counts once. */
export function codeTable(context: QualityContext): Table {
  const find = spanFinder((type) => TYPES.includes(type))
  const { bytes, findings } = findInCode(context, CODE, find)
  const types = new Map(findings.map((one) => [hashOf(one), one.type]))
  const unread = [...types.keys()].filter((hash) => !VERDICTS.has(hash)).length
  const row = (name: string, of: (type: PiiType) => boolean): string[] => {
    const read = [...types].filter(([hash, type]) => of(type) && VERDICTS.has(hash))
    const part = read.filter(([hash]) => VERDICTS.get(hash) === true).length
    return [name, showRate({ part, whole: read.length })]
  }
  const size = `${(bytes / 1e6).toFixed(0)} MB`
  return {
    title: `Numbers found in ${CODE.length} repositories of code (${size}; ${unread} not read)`,
    columns: ['type', 'right ones of those found'],
    rows: [row('all', () => true), ...TYPES.map((type) => row(type, (one) => one === type))],
  }
}
