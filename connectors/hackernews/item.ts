import { hash } from 'node:crypto'
import type { SourceRecord } from '../../src/core/connector.ts'
import { isoTime } from '../../src/text/iso-time.ts'
import type { Link } from './roots.ts'

/** A story, comment, job or poll in the compact form that is grouped into threads. */
export interface HnItem extends SourceRecord {
  readonly id: number
  /** Id of the story, job or poll at the top. */
  readonly root: number
  /** 0 at the top. */
  readonly parent: number
  readonly type: string
  /** HTML, like the title. */
  readonly text: string
  readonly title: string
  /** Address that a story links to. */
  readonly url: string
  readonly score: number
  /** ISO 8601, UTC, `''` where unknown. */
  readonly created: string
  /**
   * First 128 bits of the SHA-256 of the user name, in hex: tells authors apart without naming
   * them.
   */
  readonly author: string
  /** Ids of the replies, in the order of the page. */
  readonly kids: readonly number[]
  /** File and position in the dump, for messages. */
  readonly where: string
}

/** Fields that are read, under the names that Firebase, BigQuery and Algolia give them. */
export const COLUMNS = [
  ...[
    'id',
    'type',
    'by',
    'time',
    'text',
    'dead',
    'deleted',
    'parent',
    'poll',
    'kids',
    'url',
    'score',
    'title',
  ],
  ...[
    'timestamp',
    'objectID',
    'author',
    'points',
    'story_text',
    'comment_text',
    'created_at_i',
    'parent_id',
  ],
  ...['story_id', '_tags'],
] as const

/** Fields that give the parent of an item. */
export const LINK_COLUMNS = ['id', 'objectID', 'parent', 'parent_id', 'poll'] as const

/** Item types by the numbers that ClickHouse's and other columnar copies use. */
const TYPES = ['', 'story', 'comment', 'poll', 'pollopt', 'job']

/** Placeholders for removed texts. */
const MARKERS = new Set(['[deleted]', '[flagged]', '[dead]'])

/** Larger ids are implausible this decade, and lookup tables must not grow to fit them. */
const MAX_ID = 200_000_000

/**
 * Returns a field of a row by name, or undefined if the row lacks it. Numbers may also be bigints
 * or strings.
 */
export type Fields<Name extends string = (typeof COLUMNS)[number]> = (name: Name) => unknown

/**
 * Id and parent (0 at the top) of a row; undefined if there is no usable id. Parents are older than
 * their replies, so a parent whose id is not smaller is ignored.
 */
export function linkOf(fields: Fields<(typeof LINK_COLUMNS)[number]>): Link | undefined {
  const id = numberOf(fields('id')) ?? numberOf(fields('objectID'))
  if (id === undefined || id < 1 || id > MAX_ID) return undefined
  const parent =
    numberOf(fields('parent')) || numberOf(fields('parent_id')) || numberOf(fields('poll')) || 0
  return { id, parent: parent > 0 && parent < id ? parent : 0 }
}

/** Reads one row. A string is the reason why it is skipped. */
export function readItem(
  fields: Fields,
  rootOf: (id: number) => number,
  where: () => string,
): HnItem | string {
  const link = linkOf(fields)
  if (!link) return 'malformed-row'
  if (isTrue(fields('deleted'))) return 'deleted'
  if (isTrue(fields('dead'))) return 'dead'
  const text =
    stringOf(fields('text')) || stringOf(fields('comment_text')) || stringOf(fields('story_text'))
  if (text.length < 12 && MARKERS.has(text)) return 'deleted'
  const { id, parent } = link
  const kids = fields('kids')
  return {
    id,
    parent,
    root: parent === 0 ? id : numberOf(fields('story_id')) || rootOf(id),
    type: typeOf(fields, parent),
    text,
    title: stringOf(fields('title')),
    url: stringOf(fields('url')),
    score: numberOf(fields('score')) ?? numberOf(fields('points')) ?? 0,
    created: dateOf(fields('time') ?? fields('created_at_i') ?? fields('timestamp')),
    author: hashed(stringOf(fields('by')) || stringOf(fields('author'))),
    kids: Array.isArray(kids) ? kids.map(Number) : [],
    where: where(),
  }
}

function typeOf(fields: Fields, parent: number): string {
  const type = fields('type')
  if (typeof type === 'string' && type !== '') return type
  if (typeof type === 'number' || typeof type === 'bigint') return TYPES[Number(type)] ?? ''
  const tags = fields('_tags')
  const tagged = Array.isArray(tags)
    ? TYPES.find((name) => name !== '' && tags.includes(name))
    : undefined
  return tagged ?? (parent === 0 ? 'story' : 'comment')
}

function numberOf(value: unknown): number | undefined {
  if (value === null || value === undefined || value === '') return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : undefined
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const isTrue = (value: unknown): boolean => value === true || value === 1 || value === 1n

/**
 * Converts seconds since 1970, a `Date` or a date string to ISO 8601; `''` if it is none of these.
 */
function dateOf(value: unknown): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString()
  const seconds = numberOf(value)
  if (seconds !== undefined) return seconds > 1e9 && seconds < 1e11 ? isoTime(seconds) : ''
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? '' : new Date(time).toISOString()
}

const hashed = (author: string): string =>
  author === '' ? '' : hash('sha256', author).slice(0, 32)
