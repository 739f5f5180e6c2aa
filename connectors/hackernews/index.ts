import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import type { Context } from '../../src/core/component.ts'
import { type Cursor, defineConnector, type Item, type Partition } from '../../src/core/connector.ts'
import { isEtlError } from '../../src/core/errors.ts'
import { findInputs } from '../../src/files/inputs.ts'
import { linePartitions, MAX_LINE_BYTES, PARTITION_BYTES, readLines } from '../../src/files/line-files.ts'
import { isParquet } from '../../src/files/parquet.ts'
import { parquetPartitions, parquetRows } from '../../src/files/parquet-files.ts'
import { COLUMNS, type HnItem, LINK_COLUMNS, linkOf, readItem } from './item.ts'
import { rootTable } from './roots.ts'
import { assembleThread } from './thread.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe('Dumps of items, one JSON object a line (plain or compressed) or Parquet: file, folder or glob'),
  maxLineBytes: z.int().min(1).default(MAX_LINE_BYTES).describe('Longer rows are skipped, in bytes'),
  partitionBytes: z
    .int()
    .min(1)
    .default(PARTITION_BYTES)
    .describe('Uncompressed files are read in pieces of this size, in bytes, by several workers'),
})

type Options = z.output<typeof options>

/** A row of either format: the value, or why there is none, and where it stands. */
type Row = { readonly cursor: Cursor; readonly where: () => string } & (
  | { readonly value: unknown }
  | { readonly bad: string; readonly raw: Uint8Array }
)

/** Hacker News items, one document a thread. */
export const hackernews = defineConnector({
  name: 'hackernews',
  version: 1,
  summary: 'Hacker News threads from dumps of items, by the field names of Firebase, BigQuery or Algolia.',
  notice: 'Hacker News users keep the rights to what they wrote; no open licence covers the comments.',
  options,
  example: { input: 'fixtures/items.jsonl' },
  create(options, context) {
    // An item names its parent only; the story at the top may be in any file. One pass over ids finds it.
    let roots: Promise<(id: number) => number> | undefined
    const loadRoots = () => rootTable(links(context, options))
    return {
      partitions: () => partitions(context, options),
      async *read(partition, from) {
        roots ??= loadRoots()
        const rootOf = await roots
        for await (const row of rows(context, options, partition, from, COLUMNS)) yield itemOf(row, rootOf)
      },
      grouping: {
        key: (record) => String((record as HnItem).root),
        assemble: (records) => assembleThread(records as readonly HnItem[]),
      },
    }
  },
})

function itemOf(row: Row, rootOf: (id: number) => number): Item {
  const { cursor } = row
  if ('bad' in row) return { cursor, skipped: row.bad, where: row.where(), raw: row.raw }
  const item = readItem(row.value, rootOf, row.where)
  return typeof item === 'string' ? { cursor, skipped: item, where: row.where() } : { cursor, record: item }
}

async function* partitions(context: Context, options: Options): AsyncIterable<Partition> {
  const files = await findInputs(context, options.input)
  const parquet = new Set<string>()
  for (const { path } of files) if (await isParquet(context.storage, path)) parquet.add(path)
  if (parquet.size < files.length) {
    yield* linePartitions(context, { ...options, accepts: ({ path }) => !parquet.has(path) })
  }
  const packed = files.filter(({ path }) => parquet.has(path))
  yield* parquetPartitions(context, packed)
}

/** Id and parent of every item of the source. */
async function* links(context: Context, options: Options): AsyncIterable<{ id: number; parent: number }> {
  for await (const partition of partitions(context, options)) {
    try {
      for await (const row of rows(context, options, partition, undefined, LINK_COLUMNS)) {
        const link = 'value' in row ? linkOf(row.value) : undefined
        if (link) yield link
      }
    } catch (error) {
      // Reading the partition itself reports the damage, after everything that is readable.
      if (!isEtlError(error) || error.code !== 'input-corrupt') throw error
    }
  }
}

function rows(
  context: Context,
  options: Options,
  partition: Partition,
  from: Cursor | undefined,
  columns: readonly string[],
): AsyncIterable<Row> {
  if ('rowEnd' in partition.spec) return columnRows(context, partition, from, columns)
  return lineRows(context, options, partition, from)
}

async function* columnRows(
  context: Context,
  partition: Partition,
  from: Cursor | undefined,
  columns: readonly string[],
): AsyncIterable<Row> {
  for await (const { cursor, where, values } of parquetRows(context, partition, from, columns)) {
    yield { cursor, where: () => where, value: values }
  }
}

async function* lineRows(
  context: Context,
  options: Options,
  partition: Partition,
  from: Cursor | undefined,
): AsyncIterable<Row> {
  const lines = readLines(context, partition, from, options)
  for await (const group of lines.groups) {
    for (const line of group) {
      const { bytes, cut, cursor } = line
      if (bytes.length === 0) continue
      const where = () => lines.skip(line, '').where
      const bad = cut ? 'line-too-long' : isUtf8(bytes) ? undefined : 'invalid-utf8'
      const value = bad === undefined ? parse(bytes) : undefined
      if (value === undefined) yield { cursor, where, bad: bad ?? 'malformed-row', raw: bytes }
      else yield { cursor, where, value }
    }
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
