import type { Document, DocumentKind, Json, JsonObject } from '../../src/core/document.ts'
import { KINDS } from '../../src/core/document.ts'
import { type FieldScanner, fieldScanner, wellFormed } from '../../src/text/json-fields.ts'
import { readMessages, renderMessages } from './messages.ts'
import type { JsonlOptions } from './options.ts'

/** Makes documents of rows; a string is the reason why a row gives none. */
export type RowReader = (row: Buffer) => Document | string

/** Where texts are looked for, in this order, if the manifest does not say. */
const TEXT_FIELDS = ['text', 'content', 'body', 'markdown', 'messages', 'conversations']

/** A member given by its path: the top-level name, and the way on from there. */
interface Field {
  readonly name: string
  readonly inner: readonly string[]
}

/** Prepares the field mapping once; rows are then scanned, not parsed. */
export function rowReader(options: JsonlOptions): RowReader {
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
  const scanner = fieldScanner(names)

  return (row) => {
    if (!scanner.scan(row)) return 'malformed-row'
    const found = findText(scanner, texts)
    if (found === undefined) return 'no-text'
    const metadata: Record<string, Json> = { ...found.metadata }
    for (const { path, field } of kept) {
      const value = memberOf(scanner, field)
      if (value !== undefined && value !== null) metadata[path] = value
    }
    return {
      text: found.text,
      kind: kindOf(wordOf(scanner, kind)) ?? options.kind,
      ...present('key', wordOf(scanner, id)),
      ...present('url', wordOf(scanner, url)),
      ...present('license', wordOf(scanner, license) ?? options.license),
      ...present('author', wordOf(scanner, author)),
      ...present('created', dateOf(wordOf(scanner, created))),
      ...present('revised', dateOf(wordOf(scanner, revised))),
      ...present('lang', wordOf(scanner, lang) ?? options.lang),
      ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
    }
  }
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

/** The first field that holds a text that is not empty, or turns of a conversation. */
function findText(scanner: FieldScanner, fields: readonly Field[]): FoundText | undefined {
  for (const field of fields) {
    if (field.inner.length === 0) {
      const text = scanner.text(field.name)
      if (text !== undefined && text.length > 0) return { text }
    }
    const value = memberOf(scanner, field)
    if (typeof value === 'string' && value !== '') return { text: value }
    const messages = readMessages(value)
    if (messages) return { text: renderMessages(messages), metadata: { messages } }
  }
  return undefined
}

/** A member as JSON, lone surrogates replaced; undefined where the path leads nowhere. */
function memberOf(scanner: FieldScanner, field: Field): Json | undefined {
  let value = scanner.value(field.name)
  for (const step of field.inner) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value === undefined ? undefined : wellFormedJson(value as Json)
}

function wellFormedJson(value: Json): Json {
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(wellFormedJson)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [wellFormed(key), wellFormedJson(inner)]))
}

/** A string, or a number as it is written in the row: large ids do not survive parsing. Undefined if empty or neither. */
function wordOf(scanner: FieldScanner, field: Field): string | undefined {
  if (field.inner.length === 0) {
    const first = scanner.first(field.name)
    if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return scanner.source(field.name)
    return scanner.string(field.name) || undefined
  }
  const value = memberOf(scanner, field)
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

const kindOf = (word: string | undefined): DocumentKind | undefined => KINDS.find((kind) => kind === word)

/** ISO 8601 in UTC from a date or from seconds or milliseconds since 1970; what is neither is no date. */
function dateOf(word: string | undefined): string | undefined {
  if (word === undefined) return undefined
  const number = Number(word)
  const isYear = /^\d{4}$/.test(word)
  // 10^11 seconds are the year 5138, 10^11 milliseconds are March 1973.
  const time = isYear || Number.isNaN(number) ? dateTime(word) : number * (Math.abs(number) < 1e11 ? 1000 : 1)
  return Number.isNaN(time) || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString()
}

/** Without a zone the time is taken as UTC, wherever the program runs. */
function dateTime(word: string): number {
  const zoned = /^\d{4}(-\d\d){0,2}$|Z$|[+-]\d\d:?\d\d$|[A-Z]{3}$/.test(word)
  return Date.parse(zoned ? word : `${word.replace(' ', 'T')}Z`)
}

function present<Name extends keyof Document>(name: Name, value: Document[Name]): Partial<Document> {
  return value === undefined ? {} : { [name]: value }
}
