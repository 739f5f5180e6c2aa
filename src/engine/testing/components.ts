import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { bytesAt, textAt, textColumn } from '../../core/batch.ts'
import { defineConnector, type Item, type Partition } from '../../core/connector.ts'
import type { Document, JsonObject } from '../../core/document.ts'
import { EtlError } from '../../core/errors.ts'
import { defineCorpusFilter, defineFilter } from '../../core/filter.ts'
import { atLeast, judgedBy } from '../../core/judgement.ts'
import type { Storage } from '../../core/storage.ts'
import type { Registry } from '../plan/registry.ts'

/** Minimal components that fail on demand, for the engine's own tests. */

const input = z.string().describe('Files with one JSON document per line.')

/** One partition per file. */
async function* filePartitions(
  storage: Storage,
  folder: string,
  pattern: string,
): AsyncIterable<Partition> {
  for (const { path, size } of await storage.find(join(folder, pattern))) {
    yield { key: path.slice(folder.length + 1), bytes: size, spec: { path } }
  }
}

/**
 * One JSON document per line. On `!skip` the line is skipped, on `!corrupt` the file is damaged,
 * and `!kill` ends the worker.
 */
const lines = defineConnector({
  name: 'lines',
  version: 1,
  summary: 'Documents as JSON lines.',
  options: z.strictObject({ input }),
  example: { input: '*.jsonl' },
  create: (options, { storage, folder }) => ({
    partitions: () => filePartitions(storage, folder, options.input),
    async *read({ spec }, from): AsyncIterable<Item> {
      for await (const { number, line, path } of linesOf(storage, String(spec.path))) {
        if (number <= Number(from ?? 0)) continue
        const where = `${path}:${number}`
        if (line === '!corrupt')
          throw new EtlError('input-corrupt', { where, what: 'the file ends here' })
        if (line === '!kill') process.exit(9)
        if (line === '!skip')
          yield { cursor: number, skipped: 'bad-row', where, raw: new TextEncoder().encode(line) }
        else yield { cursor: number, document: JSON.parse(line) as Document }
      }
    },
  }),
})

/**
 * One JSON record `{thread, text}` per line; a thread becomes a document. Records of the thread
 * `orphan` are skipped.
 */
const threads = defineConnector({
  name: 'threads',
  version: 1,
  summary: 'Threads of JSON lines.',
  options: z.strictObject({ input }),
  example: { input: '*.jsonl' },
  create: (options, { storage, folder }) => ({
    partitions: () => filePartitions(storage, folder, options.input),
    async *read({ spec }, from): AsyncIterable<Item> {
      for await (const { number, line } of linesOf(storage, String(spec.path))) {
        if (number > Number(from ?? 0))
          yield { cursor: number, record: JSON.parse(line) as JsonObject }
      }
    },
    grouping: {
      key: (record) => String(record.thread),
      *assemble(records) {
        const [first] = records
        if (first?.thread === 'orphan') {
          for (const _ of records) yield { skipped: 'orphan', where: 'thread orphan' }
          return
        }
        const text = records.map((record) => String(record.text)).join('\n')
        yield {
          document: { key: String(first?.thread), kind: 'prose', text, items: records.length },
        }
      },
    },
  }),
})

async function* linesOf(
  storage: { stream(path: string): AsyncIterable<Uint8Array> },
  path: string,
) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of storage.stream(path)) text += decoder.decode(chunk, { stream: true })
  let number = 0
  for (const line of text.split('\n')) if (line !== '') yield { number: ++number, line, path }
}

/**
 * Drops short texts. Throws on `!throw`, blocks its worker on `!hang` and ends it on `!crash`; ends
 * it on `!stumble <file>` only while that file is missing, and creates the file.
 */
const length = defineFilter({
  name: 'length',
  version: 1,
  summary: 'Drops short documents.',
  options: z.strictObject({
    minBytes: z.int().default(10).describe('Fewest bytes.'),
    scale: z.number().default(1).describe('Factor that lengths are multiplied with.'),
  }),
  thresholds: ['minBytes'],
  example: {},
  create: ({ minBytes, scale }) => ({
    reasons: ['short'],
    measures: { bytes: { type: 'count', description: 'Bytes of text.' } },
    measure(batch, out) {
      const bytes = out.count('bytes')
      for (let row = 0; row < batch.rows; row++) {
        const text = textAt(batch.text, row)
        if (text.includes('!throw')) throw new TypeError('thrown by the test')
        if (text.includes('!crash')) process.exit(9)
        while (text.includes('!hang'));
        stumble(text.match(/!stumble (\S+)/)?.[1])
        bytes[row] = bytesAt(batch.text, row).length * scale
      }
    },
    ...judgedBy(({ values }) => [
      atLeast({
        reason: 'short',
        measure: 'bytes',
        value: Number(values.bytes),
        limit: minBytes,
        option: 'minBytes',
      }),
    ]),
  }),
})

function stumble(file: string | undefined): void {
  if (file === undefined || existsSync(file)) return
  writeFileSync(file, '')
  process.exit(9)
}

/** Records which process measured a document. */
const witness = defineFilter({
  name: 'witness',
  version: 1,
  summary: 'Names the process.',
  options: z.strictObject({}),
  thresholds: [],
  example: {},
  create: () => ({
    reasons: [],
    measures: { process: { type: 'label', description: 'Process id.' } },
    measure: ({ rows }, out) => void out.label('process').fill(String(process.pid), 0, rows),
    judge: () => undefined,
  }),
})

/** Replaces the word `secret` in text, author and ids. */
const censor = defineFilter({
  name: 'censor',
  version: 1,
  summary: 'Redacts secrets.',
  options: z.strictObject({
    maxSecrets: z.int().default(3).describe('Most secrets a document may have.'),
  }),
  thresholds: ['maxSecrets'],
  example: {},
  create: ({ maxSecrets }) => ({
    reasons: ['too-many-secrets'],
    measures: { secrets: { type: 'count', description: 'Secrets redacted.' } },
    rewrites: true,
    redacts: true,
    measure(batch, out) {
      const secrets = out.count('secrets')
      const replaced: Record<'id' | 'text' | 'author', string[]> = { id: [], text: [], author: [] }
      for (let row = 0; row < batch.rows; row++) {
        for (const name of ['id', 'text', 'author'] as const) {
          const value = textAt(batch[name], row)
          if (name === 'text') secrets[row] = value.split('secret').length - 1
          replaced[name].push(value.replaceAll('secret', '<REDACTED>'))
        }
      }
      for (const name of ['id', 'text', 'author'] as const) batch[name] = textColumn(replaced[name])
    },
    judge: ({ values }) => (Number(values.secrets) > maxSecrets ? 'too-many-secrets' : undefined),
  }),
})

const HASH_BYTES = 16

/** Keeps the first of equal texts. */
const sameText = defineCorpusFilter({
  name: 'same-text',
  version: 1,
  summary: 'Drops copies.',
  options: z.strictObject({
    alarmAbove: z.int().default(1000).describe('Copies that raise an alarm.'),
  }),
  thresholds: ['alarmAbove'],
  example: {},
  create: ({ alarmAbove }) => ({
    reasons: ['copy'],
    sketchBytes: HASH_BYTES,
    sketch(batch, out) {
      for (let row = 0; row < batch.rows; row++) {
        out.set(
          createHash('sha256').update(bytesAt(batch.text, row)).digest().subarray(0, HASH_BYTES),
          row * HASH_BYTES,
        )
      }
    },
    async *decide(store) {
      const first = new Map<string, number>()
      let copies = 0
      for await (const { firstRow, rows, sketches } of store.scan()) {
        for (let row = 0; row < rows; row++) {
          const hash = Buffer.from(
            sketches.subarray(row * HASH_BYTES, (row + 1) * HASH_BYTES),
          ).toString('hex')
          const survivor = first.get(hash)
          if (survivor === undefined) first.set(hash, firstRow + row)
          else {
            copies++
            yield { row: firstRow + row, reason: 'copy', survivor, similarity: 1 }
          }
        }
      }
      if (copies > alarmAbove) yield { alarm: { code: 'many-copies', message: `${copies} copies` } }
    },
  }),
})

const lazily =
  <T>(component: T) =>
  () =>
    Promise.resolve(component)

/** The registry of the engine's tests. */
export const testRegistry: Registry = {
  connectors: {
    lines: lazily(lines),
    threads: lazily(threads),
  },
  filters: {
    length: lazily(length),
    witness: lazily(witness),
    censor: lazily(censor),
    'same-text': lazily(sameText),
  },
}
