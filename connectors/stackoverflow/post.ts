import type { SourceRecord } from '../../src/core/connector.ts'
import { attributeScanner } from '../../src/text/xml-attributes.ts'
import { licenseByDate } from './sites.ts'

/** A question or answer on its way to its thread, in the short form it has on disk. */
export interface Post extends SourceRecord {
  readonly site: string
  /** Id of the question it belongs to: its own, if it is one. */
  readonly question: number
  readonly id: number
  readonly score: number
  /** HTML. */
  readonly body: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly edited: string
  /** SPDX id. */
  readonly license: string
  /** 0 where the account is gone. */
  readonly owner: number
  readonly ownerName: string
  /** Questions only; `''` in answers. */
  readonly title: string
  readonly tags: readonly string[]
  /** Id of the accepted answer, 0 if there is none. */
  readonly accepted: number
  /** Place in the dump, for people. */
  readonly where: string
}

/** Official Answer Bot: its posts are generated. */
const ANSWER_BOT = -2

const NAMES = [
  'Id',
  'PostTypeId',
  'ParentId',
  'AcceptedAnswerId',
  'Score',
  'Body',
  'Title',
  'Tags',
  'OwnerUserId',
  'OwnerDisplayName',
  'CreationDate',
  'LastEditDate',
  'ContentLicense',
] as const
/** Why a row gives no post. */
export type PostSkip =
  | 'malformed-row'
  | 'not-a-question-or-answer'
  | 'low-score'
  | 'orphan-answer'
  | 'fabricated'
  | 'answer-bot'

export interface PostRules {
  /** Lowest score of answers; questions below it still have to wait for their answers. */
  readonly minScore: number
  /** Larger ids are made up. */
  readonly maxPostId: number
}

/**
 * Reads rows of a Posts.xml. Cheap conditions come first: most rows are answers nobody voted for.
 */
export function postReader(
  rules: PostRules,
): (row: Buffer, site: string, where: () => string) => Post | PostSkip {
  const row = attributeScanner('row', NAMES)
  return (line, site, where) => {
    if (!row.scan(line)) return 'malformed-row'
    const id = row.integer('Id')
    const type = row.integer('PostTypeId')
    if (id === undefined || type === undefined) return 'malformed-row'
    if (type !== 1 && type !== 2) return 'not-a-question-or-answer'
    if (id > rules.maxPostId || id < 1) return 'fabricated'
    const score = row.integer('Score') ?? 0
    if (type === 2 && score < rules.minScore) return 'low-score'
    const parent = type === 1 ? id : row.integer('ParentId')
    if (parent === undefined) return 'orphan-answer'
    const owner = row.integer('OwnerUserId') ?? 0
    if (owner === ANSWER_BOT) return 'answer-bot'
    const body = row.text('Body')
    const created = isoDate(row.text('CreationDate'))
    if (body === undefined || created === undefined) return 'malformed-row'
    return {
      site,
      question: parent,
      id,
      score,
      body,
      created,
      edited: isoDate(row.text('LastEditDate')) ?? created,
      license: spdx(row.text('ContentLicense')) ?? licenseByDate(created),
      owner,
      ownerName: row.text('OwnerDisplayName') ?? '',
      title: (type === 1 && row.text('Title')) || '',
      tags: type === 1 ? readTags(row.text('Tags') ?? '') : [],
      accepted: row.integer('AcceptedAnswerId') ?? 0,
      where: where(),
    }
  }
}

/** `<a><b>` until 2025, `|a|b|` since. */
export function readTags(tags: string): string[] {
  return tags
    .slice(1, -1)
    .split(/\||></)
    .filter((tag) => tag !== '')
}

/** Dump times are UTC without a zone. */
function isoDate(date: string | undefined): string | undefined {
  return date !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(date)
    ? `${date}Z`
    : undefined
}

/** `CC BY-SA 4.0` to its SPDX id. */
function spdx(license: string | undefined): string | undefined {
  const version = /^CC BY-SA (2\.5|3\.0|4\.0)$/.exec(license ?? '')?.[1]
  return version && `CC-BY-SA-${version}`
}
