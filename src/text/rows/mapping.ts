import {
  type Document,
  type DocumentKind,
  type Json,
  type JsonObject,
  KINDS,
} from '../../core/document.ts'
import { wellFormed } from '../json-fields.ts'
import { readMessages, renderMessages } from './messages.ts'
import type { RowOptions } from './options.ts'

/** The top-level members of one row, in any format. */
export interface RowFields {
  /** A text, as a string or UTF-8; undefined if the member is missing or not a text. */
  text(name: string): string | Uint8Array | undefined
  /** Any member as JSON; undefined if it is missing. */
  value(name: string): unknown
  /** A short text, or a number as its digits; undefined if the member is missing or neither. */
  word(name: string): string | undefined
}

/** Maps the members of a row to a document. */
export interface RowMapping {
  /** The top-level members that are read. */
  readonly names: readonly string[]
  /** Those that may hold the text. */
  readonly texts: readonly string[]
  /** The document of a row, or the reason why the row is skipped. */
  documentOf(row: RowFields): Document | string
}

/** Members that may hold the text, in order of precedence, if the manifest names none. */
const TEXT_FIELDS = ['text', 'content', 'body', 'markdown', 'messages', 'conversations']

/** A member given by its path: the top-level name and the steps inside it. */
interface Field {
  readonly name: string
  readonly inner: readonly string[]
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }
type WordMember = 'key' | 'url' | 'license' | 'author' | 'created' | 'revised' | 'lang'

/** Prepares the mapping that the options describe. */
export function rowMapping(options: RowOptions): RowMapping {
  const names: string[] = []
  const field = (path: string): Field => {
    const [name = '', ...inner] = steps(path)
    if (!names.includes(name)) names.push(name)
    return { name, inner }
  }
  const texts = (options.textField === undefined ? TEXT_FIELDS : [options.textField]).map(field)
  const [id, url, license, author, created, revised, lang, kind] = [
    options.idField,
    options.urlField,
    options.licenseField,
    options.authorField,
    options.createdField,
    options.revisedField,
    options.langField,
    options.kindField,
  ].map(field) as [Field, Field, Field, Field, Field, Field, Field, Field]
  const kept = options.metadataFields.map((path) => ({ path, field: field(path) }))

  const metadataOf = (row: RowFields, found: JsonObject | undefined): JsonObject | undefined => {
    if (kept.length === 0) return found
    const metadata: Record<string, Json> = { ...found }
    for (const { path, field } of kept) {
      const value = memberOf(row, field)
      if (value !== undefined && value !== null) metadata[path] = value
    }
    return Object.keys(metadata).length > 0 ? metadata : undefined
  }
  const documentOf = (row: RowFields): Document | string => {
    const found = findText(row, texts)
    if (found === undefined) return 'no-text'
    const document: Writable<Document> = {
      text: found.text,
      kind: kindOf(wordOf(row, kind)) ?? options.kind,
    }
    const set = (name: WordMember, value: string | undefined): void => {
      if (value !== undefined) document[name] = value
    }
    set('key', wordOf(row, id))
    set('url', wordOf(row, url))
    set('license', wordOf(row, license) ?? options.license)
    set('author', wordOf(row, author))
    set('created', dateOf(wordOf(row, created)))
    set('revised', dateOf(wordOf(row, revised)))
    set('lang', wordOf(row, lang) ?? options.lang)
    const metadata = metadataOf(row, found.metadata)
    if (metadata) document.metadata = metadata
    return document
  }
  return { names, texts: texts.map(({ name }) => name), documentOf }
}

/** The steps of a dotted path or a JSON Pointer (RFC 6901). */
function steps(path: string): string[] {
  if (!path.startsWith('/')) return path.split('.')
  return path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

interface FoundText {
  readonly text: string | Uint8Array
  readonly metadata?: JsonObject
}

/** The first field that holds a non-empty text or the turns of a conversation. */
function findText(row: RowFields, fields: readonly Field[]): FoundText | undefined {
  for (const field of fields) {
    if (field.inner.length === 0) {
      const text = row.text(field.name)
      if (text !== undefined && text.length > 0) return { text }
    }
    const value = memberOf(row, field)
    if (typeof value === 'string' && value !== '') return { text: value }
    const messages = readMessages(value)
    if (messages) return { text: renderMessages(messages), metadata: { messages } }
  }
  return undefined
}

/** A member as JSON with lone surrogates replaced; undefined if the path does not exist. */
function memberOf(row: RowFields, field: Field): Json | undefined {
  let value = row.value(field.name)
  for (const step of field.inner) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value === undefined ? undefined : wellFormedJson(value as Json)
}

/**
 * Maximum nesting of arrays and objects. Deeper values become null, because no reader, ours or
 * others, gets that deep.
 */
const MOST_LEVELS = 256

function wellFormedJson(value: Json, level = 0): Json {
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value !== 'object' || value === null) return value
  if (level === MOST_LEVELS) return null
  if (Array.isArray(value)) return value.map((inner) => wellFormedJson(inner, level + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      wellFormed(key),
      wellFormedJson(inner, level + 1),
    ]),
  )
}

/** A string or a number; undefined if empty or neither. */
function wordOf(row: RowFields, field: Field): string | undefined {
  if (field.inner.length === 0) return row.word(field.name) || undefined
  const value = memberOf(row, field)
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

const kindOf = (word: string | undefined): DocumentKind | undefined =>
  KINDS.find((kind) => kind === word)

/**
 * ISO 8601 in UTC from a date, or from seconds or milliseconds since 1970. Undefined for anything
 * else.
 */
function dateOf(word: string | undefined): string | undefined {
  if (word === undefined) return undefined
  const number = Number(word)
  const isYear = /^\d{4}$/.test(word)
  // 10^11 seconds are the year 5138; 10^11 milliseconds are March 1973.
  const time =
    isYear || Number.isNaN(number) ? dateTime(word) : number * (Math.abs(number) < 1e11 ? 1000 : 1)
  return Number.isNaN(time) || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString()
}

/** A time without a zone is read as UTC, whatever the local zone. */
function dateTime(word: string): number {
  const zoned = /^\d{4}(-\d\d){0,2}$|Z$|[+-]\d\d:?\d\d$|[A-Z]{3}$/.test(word)
  return Date.parse(zoned ? word : `${word.replace(' ', 'T')}Z`)
}
