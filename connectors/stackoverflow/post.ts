import type { SourceRecord } from '../../src/core/connector.ts'
import { attributeScanner } from '../../src/text/xml-attributes.ts'
import { licenseByDate } from './sites.ts'

/** A question or answer in the compact form that is written to disk and grouped into threads. */
export interface Post extends SourceRecord {
  readonly site: string
  /** Id of the question; a question has its own id here. */
  readonly question: number
  readonly id: number
  readonly score: number
  /** HTML. */
  readonly body: string
  /** ISO 8601, UTC. */
  readonly created: string
  readonly edited: string
  /** SPDX identifier. */
  readonly license: string
  /** User id of the author; 0 if the account was deleted. */
  readonly owner: number
  readonly ownerName: string
  /** `''` for answers. */
  readonly title: string
  readonly tags: readonly string[]
  /** Id of the accepted answer; 0 if there is none. */
  readonly accepted: number
  /** File and position in the dump, for messages. */
  readonly where: string
}

/** User id of the official Answer Bot, whose posts are machine-generated. */
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

/** Why a row is skipped. */
export type PostSkip =
  | 'malformed-row'
  | 'not-a-question-or-answer'
  | 'low-score'
  | 'orphan-answer'
  | 'fabricated'
  | 'answer-bot'

/** Limits that decide which rows are kept. */
export interface PostRules {
  /** Lowest score of answers. Questions below it are kept until their answers are known. */
  readonly minScore: number
  /** Posts with larger ids are fabricated. */
  readonly maxPostId: number
}

/**
 * Returns a reader for rows of a Posts.xml. Cheap checks come first, because most rows are answers
 * without votes.
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

/** Parses tags: `<a><b>` until 2025, `|a|b|` since. */
export function readTags(tags: string): string[] {
  return tags
    .slice(1, -1)
    .split(/\||></)
    .filter((tag) => tag !== '')
}

/** Adds the zone: times in dumps are UTC but do not say so. Returns undefined for anything else. */
function isoDate(date: string | undefined): string | undefined {
  return date !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(date)
    ? `${date}Z`
    : undefined
}

/** Converts `CC BY-SA 4.0` to its SPDX identifier. */
function spdx(license: string | undefined): string | undefined {
  const version = /^CC BY-SA (2\.5|3\.0|4\.0)$/.exec(license ?? '')?.[1]
  return version && `CC-BY-SA-${version}`
}
