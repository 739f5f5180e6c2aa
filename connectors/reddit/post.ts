import { hash } from 'node:crypto'
import { decodeHTMLStrict } from 'entities'
import type { SourceRecord } from '../../src/core/connector.ts'
import { isoTime } from '../../src/text/iso-time.ts'
import { type FieldScanner, fieldScanner } from '../../src/text/json-fields.ts'

/** A submission or comment in the compact form that is grouped into threads. */
export interface Post extends SourceRecord {
  /** Fullname: `t3_…` for submissions, `t1_…` for comments. */
  readonly id: string
  /** Fullname of the submission; a submission has its own fullname here. */
  readonly thread: string
  /** Fullname of the post it replies to; `''` for submissions. */
  readonly parent: string
  /** `''` for comments. */
  readonly title: string
  /** Markdown. */
  readonly text: string
  readonly subreddit: string
  /**
   * First 128 bits of the SHA-256 of the user name, in hex: tells authors apart without naming
   * them. `''` if the account was deleted.
   */
  readonly author: string
  readonly score: number
  /** ISO 8601, UTC, `''` where unknown. */
  readonly created: string
  readonly edited: string
  /** Path of the page on reddit.com; `''` if unknown. */
  readonly permalink: string
  /** File and position in the dump, for messages; `''` if posts are documents of their own. */
  readonly where: string
}

const NAMES = [
  'id',
  'title',
  'selftext',
  'body',
  'author',
  'subreddit',
  'link_id',
  'parent_id',
  'score',
  'created_utc',
  'edited',
  'permalink',
  'over_18',
  'stickied',
  'distinguished',
  'removed_by_category',
  'promoted',
  '_meta',
] as const

type Row = FieldScanner<(typeof NAMES)[number]>

/** Placeholders for removed texts. */
const MARKERS = new Set([
  '[deleted]',
  '[removed]',
  '[deleted by user]',
  '[removed by reddit]',
  '[unicode encode error]',
])

/** Limits that decide which posts are kept. */
export interface PostRules {
  readonly minScore: number
  readonly over18: boolean
}

/** Returns a reader of rows. A string is the reason why a row is skipped. */
export function postReader(rules: PostRules): (row: Buffer, where: () => string) => Post | string {
  const row: Row = fieldScanner(NAMES)
  return (bytes, where) => {
    if (!row.scan(bytes)) return 'malformed-row'
    const id = row.string('id')
    const isComment = row.first('body') !== -1
    if (!id || (!isComment && row.first('title') === -1)) return 'not-a-post'
    const thread = isComment ? withPrefix(row.string('link_id'), 't3_') : `t3_${id}`
    if (thread === undefined) return 'orphan-comment'
    const author = row.string('author') ?? ''
    const title = row.string('title') ?? ''
    const score = row.number('score') ?? 1
    const reason = leftOut(row, author, title) ?? (score < rules.minScore ? 'low-score' : undefined)
    if (reason !== undefined) return reason
    if (!rules.over18 && row.isTrue('over_18')) return 'over-18'
    const text = row.string(isComment ? 'body' : 'selftext') ?? ''
    if (isMarker(text)) return 'deleted'
    const created = dateOf(row.number('created_utc'))
    return {
      id: isComment ? `t1_${id}` : `t3_${id}`,
      thread,
      parent: isComment ? (row.string('parent_id') ?? thread) : '',
      title: isComment ? '' : markdown(title),
      text: markdown(text),
      subreddit: row.string('subreddit') ?? '',
      author: hashed(author),
      score,
      created,
      edited: dateOf(row.number('edited')) || created,
      permalink: row.string('permalink') ?? '',
      where: where(),
    }
  }
}

/**
 * Why a post is skipped: deleted, removed, promoted, or written by a bot or as a moderator notice.
 */
function leftOut(row: Row, author: string, title: string): string | undefined {
  if (isSet(row, 'removed_by_category') || wasDeletedLater(row)) return 'deleted'
  if (isMarker(title)) return 'deleted'
  if (row.isTrue('promoted') || row.first('subreddit') === -1) return 'promoted'
  if (author === 'AutoModerator' || /bot$/i.test(author)) return 'bot'
  if (row.isTrue('stickied') && row.string('distinguished') === 'moderator')
    return 'moderator-notice'
  return undefined
}

/**
 * Whether the post was gone at the second crawl, 36 hours later, which dumps since November 2023
 * record in `_meta`. The text of the first crawl is still in the row.
 */
function wasDeletedLater(row: Row): boolean {
  const source = row.source('_meta')
  if (!source?.includes('delet') && !source?.includes('remov')) return false
  const meta = row.value('_meta')
  if (typeof meta !== 'object' || meta === null) return false
  const { was_deleted_later, was_initially_deleted, removal_type } = meta as Record<string, unknown>
  return was_deleted_later === true || was_initially_deleted === true || Boolean(removal_type)
}

const isMarker = (text: string): boolean =>
  text.length < 40 && MARKERS.has(text.trim().toLowerCase().replace('[ ', '[').replace(' ]', ']'))

/** Whether a field holds a non-empty string. */
function isSet(row: Row, name: (typeof NAMES)[number]): boolean {
  return Boolean(row.string(name))
}

/**
 * Converts seconds since 1970 to ISO 8601. `edited` may also be false, and a time before Reddit
 * existed is invalid; both give `''`.
 */
function dateOf(seconds: number | undefined): string {
  return seconds === undefined || seconds < 1e9 || seconds > 1e11 ? '' : isoTime(seconds)
}

function withPrefix(name: string | undefined, prefix: string): string | undefined {
  return name?.startsWith(prefix) && name.length > prefix.length ? name : undefined
}

function hashed(author: string): string {
  if (author === '' || author === '[deleted]') return ''
  return hash('sha256', author).slice(0, 32)
}

/**
 * Unescapes Markdown, which Reddit escapes once. Drops `&#x200B;`, which the editor writes for
 * empty lines.
 */
function markdown(text: string): string {
  const plain = text.includes('&')
    ? decodeHTMLStrict(text.replaceAll('&amp;#x200B;', '').replaceAll('&#x200B;', ''))
    : text
  return plain.replaceAll('\r\n', '\n').trim()
}
