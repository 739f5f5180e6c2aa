import { z } from 'zod'
import { defineConnector, type Item } from '../../src/core/connector.ts'
import type { Document, JsonObject } from '../../src/core/document.ts'
import { findInputs } from '../../src/files/inputs.ts'
import { decodeText, headerCharset } from '../../src/text/main-text/charset.ts'
import { mainText } from '../../src/text/main-text/main-text.ts'
import { readResponse } from './http.ts'
import { type RecordCursor, readRecords, type WarcRecord } from './records.ts'

const options = z.strictObject({
  input: z.string().min(1).describe('File, folder or glob: WARC or WET (.warc, .warc.gz, .wet.gz)'),
  license: z.string().optional().describe('Licence of pages that do not link to one'),
  maxRecordBytes: z
    .int()
    .min(1)
    .default(16 << 20)
    .describe('Largest record or page in bytes, compressed or not; larger ones are skipped'),
})

type Options = z.output<typeof options>

/** Reads web archives, one document per page. */
export const warc = defineConnector({
  name: 'warc',
  version: 3,
  summary:
    'Web archives (WARC, WET) as Common Crawl publishes them: the main text of every HTML page.',
  notice:
    'Web pages belong to their authors; ' +
    'that a crawler fetched a page is no permission to redistribute it.',
  options,
  example: { input: 'fixtures/pages.warc.gz' },
  create(options, context) {
    return {
      async *partitions() {
        for (const { path, label, key, size } of await findInputs(context, options.input)) {
          yield { key, bytes: size, spec: { path, label } }
        }
      },
      async *read(partition, from) {
        const { path, label } = partition.spec as { path: string; label: string }
        const records = readRecords(
          context,
          path,
          label,
          options.maxRecordBytes,
          from as RecordCursor | undefined,
        )
        for await (const record of records) yield itemOf(record, options)
      },
    }
  },
})

/** Record types without page text. They are not counted as items. */
const SILENT = new Set(['warcinfo', 'request', 'metadata', 'continuation'])

function itemOf(record: WarcRecord, options: Options): Item {
  const { headers, block, cursor } = record
  const type = headers.get('warc-type') ?? ''
  if (SILENT.has(type)) return { cursor, progress: true }
  const url = headers.get('warc-target-uri')?.replace(/^<(.*)>$/, '$1')
  const result = block ? contentOf(type, headers, block, options) : 'too-large'
  if (typeof result === 'string')
    return { cursor, skipped: result, where: `${record.where} ${url ?? type}` }
  const revised = dateOf(headers.get('warc-date'))
  const address = url === undefined ? {} : { key: url, url }
  return { cursor, document: { ...address, ...(revised ? { revised } : {}), ...result } }
}

/** The document of a record, or the reason why it is skipped. */
function contentOf(
  type: string,
  headers: ReadonlyMap<string, string>,
  block: Uint8Array,
  options: Options,
): Document | string {
  if (type === 'conversion') return plainOf(block, headers, options)
  if (type === 'resource') return pageOf(block, headers.get('content-type'), options)
  if (type !== 'response') return type === 'revisit' ? type : 'other-record'
  const response = readResponse(block, options.maxRecordBytes)
  if (typeof response === 'string') return response
  if (response.status !== 200) return `status-${Math.floor(response.status / 100)}xx`
  return pageOf(response.body, response.contentType, options, { ...response.optOut })
}

function pageOf(
  body: Uint8Array,
  contentType: string | undefined,
  options: Options,
  headOptOut: JsonObject = {},
): Document | string {
  if (!/^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? 'text/html'))
    return 'not-html'
  const { text: html, charset } = decodeText(body, headerCharset(contentType))
  const { text, title, lang, license = options.license, optOut } = mainText(html)
  if (text === '') return 'no-text'
  const language = /^[a-z]{2,3}(?![a-z])/i.exec(lang ?? '')?.[0].toLowerCase()
  return {
    text,
    kind: 'prose',
    ...(language ? { lang: language } : {}),
    ...(license ? { license } : {}),
    metadata: { charset, ...(title ? { title } : {}), ...optOut, ...headOptOut },
  }
}

/** Text that the archive already extracted, as in WET files. */
function plainOf(
  block: Uint8Array,
  headers: ReadonlyMap<string, string>,
  options: Options,
): Document | string {
  const { text } = decodeText(block, headerCharset(headers.get('content-type')))
  if (text.trim() === '') return 'no-text'
  const languages = headers.get('warc-identified-content-language')
  return {
    text: text.trim(),
    kind: 'prose',
    ...(options.license ? { license: options.license } : {}),
    ...(languages ? { metadata: { languages } } : {}),
  }
}

function dateOf(word: string | undefined): string | undefined {
  const time = Date.parse(word ?? '')
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
