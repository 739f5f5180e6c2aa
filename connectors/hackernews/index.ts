import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import type { Context } from '../../src/core/component.ts'
import {
  type Cursor,
  defineConnector,
  type Item,
  type Partition,
} from '../../src/core/connector.ts'
import { isEtlError } from '../../src/core/errors.ts'
import { findInputs } from '../../src/files/inputs.ts'
import {
  type LineReader,
  linePartitions,
  MAX_LINE_BYTES,
  PARTITION_BYTES,
  readLines,
} from '../../src/files/lines/line-files.ts'
import type { Line } from '../../src/files/lines/lines.ts'
import { isParquet } from '../../src/files/parquet/parquet.ts'
import { parquetPartitions, parquetRows } from '../../src/files/parquet/parquet-files.ts'
import { type FieldScanner, fieldScanner } from '../../src/text/json-fields.ts'
import { COLUMNS, type Fields, type HnItem, LINK_COLUMNS, linkOf, readItem } from './item.ts'
import { type Link, rootTable } from './roots.ts'
import { assembleThread } from './thread.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe(
      'File, folder or glob: dumps of items as JSON Lines (plain or compressed) or Parquet',
    ),
  maxLineBytes: z
    .int()
    .min(1)
    .default(MAX_LINE_BYTES)
    .describe('Longest row in bytes; longer ones are skipped'),
  partitionBytes: z
    .int()
    .min(1)
    .default(PARTITION_BYTES)
    .describe(
      'Bytes per partition: uncompressed files are split so that several workers read them',
    ),
})

type Options = z.output<typeof options>

/**
 * A row of either format: its fields, which are valid until the next row is read, or the reason why
 * it has none.
 */
type Row<Name extends string> = { readonly cursor: Cursor; readonly where: () => string } & (
  | { readonly fields: Fields<Name> }
  | { readonly bad: string; readonly raw?: Uint8Array }
)

/** Reads Hacker News items, one document per thread. */
export const hackernews = defineConnector({
  name: 'hackernews',
  version: 1,
  summary:
    'Hacker News threads from dumps of items with Firebase, BigQuery or Algolia field names.',
  notice:
    'Hacker News users keep the rights to what they wrote; no open licence covers the comments.',
  options,
  example: { input: 'fixtures/items.jsonl' },
  create(options, context) {
    // An item names only its parent, and the story at the top may be in any file. One pass over all
    // ids finds the roots.
    let roots: Promise<(id: number) => number> | undefined
    const loadRoots = () => rootTable(links(context, options))
    return {
      partitions: () => partitions(context, options),
      async *read(partition, from) {
        roots ??= loadRoots()
        const rootOf = await roots
        for await (const group of rows(context, options, partition, from, COLUMNS)) {
          for (const row of group) yield itemOf(row, rootOf)
        }
      },
      grouping: {
        key: (record) => String((record as HnItem).root),
        assemble: (records) => assembleThread(records as readonly HnItem[]),
      },
    }
  },
})

function itemOf(row: Row<(typeof COLUMNS)[number]>, rootOf: (id: number) => number): Item {
  const { cursor } = row
  if ('bad' in row) {
    const skipped = { cursor, skipped: row.bad, where: row.where() }
    return row.raw ? { ...skipped, raw: row.raw } : skipped
  }
  const item = readItem(row.fields, rootOf, row.where)
  return typeof item === 'string'
    ? { cursor, skipped: item, where: row.where() }
    : { cursor, record: item }
}

async function* partitions(context: Context, options: Options): AsyncIterable<Partition> {
  const files = await findInputs(context, options.input)
  const parquet = new Set<string>()
  for (const { path } of files) if (await isParquet(context.storage, path)) parquet.add(path)
  if (parquet.size < files.length) {
    yield* linePartitions(context, {
      ...options,
      grouped: true,
      accepts: ({ path }) => !parquet.has(path),
    })
  }
  const packed = files.filter(({ path }) => parquet.has(path))
  yield* parquetPartitions(context, packed)
}

/** Yields the id and parent of every item of the source. */
async function* links(context: Context, options: Options): AsyncIterable<readonly Link[]> {
  for await (const partition of partitions(context, options)) {
    try {
      for await (const group of rows(context, options, partition, undefined, LINK_COLUMNS)) {
        const links: Link[] = []
        for (const row of group) {
          const link = 'fields' in row ? linkOf(row.fields) : undefined
          if (link) links.push(link)
        }
        yield links
      }
    } catch (error) {
      // Reading the partition itself reports the damage, after all readable rows.
      if (!isEtlError(error) || error.code !== 'input-corrupt') throw error
    }
  }
}

/** Yields the rows of a partition in groups, as they are read. */
function rows<Name extends string>(
  context: Context,
  options: Options,
  partition: Partition,
  from: Cursor | undefined,
  columns: readonly Name[],
): AsyncIterable<Iterable<Row<Name>>> {
  if ('rowEnd' in partition.spec) return columnRows(context, partition, from, columns)
  return lineRows(context, options, partition, from, columns)
}

async function* columnRows<Name extends string>(
  context: Context,
  partition: Partition,
  from: Cursor | undefined,
  columns: readonly Name[],
): AsyncIterable<Iterable<Row<Name>>> {
  for await (const { cursor, where, values } of parquetRows(context, partition, from, columns)) {
    yield [{ cursor, where: () => where, fields: (name) => values[name] }]
  }
}

async function* lineRows<Name extends string>(
  context: Context,
  options: Options,
  partition: Partition,
  from: Cursor | undefined,
  columns: readonly Name[],
): AsyncIterable<Iterable<Row<Name>>> {
  const lines = readLines(context, partition, from, options)
  const scanner = fieldScanner(columns)
  for await (const group of lines.groups) yield rowsOf(group, lines, scanner)
}

function* rowsOf<Name extends string>(
  group: readonly Line[],
  lines: LineReader,
  scanner: FieldScanner<Name>,
): Iterable<Row<Name>> {
  for (const line of group) {
    const { bytes, cut, cursor } = line
    if (bytes.length === 0) continue
    const where = () => lines.skip(line, '').where
    const isWhole = !cut && isUtf8(bytes)
    if (isWhole && scanner.scan(bytes)) yield { cursor, where, fields: scanner.value }
    else if (isWhole) yield { cursor, where, ...noObject(bytes) }
    else yield { cursor, where, bad: cut ? 'line-too-long' : 'invalid-utf8', raw: bytes }
  }
}

/** Why a row that is not an object is skipped. The row is quarantined unless it is valid JSON. */
function noObject(bytes: Buffer): { readonly bad: string; readonly raw?: Uint8Array } {
  try {
    return { bad: JSON.parse(bytes.toString()) === null ? 'null-item' : 'malformed-row' }
  } catch {
    return { bad: 'malformed-row', raw: bytes }
  }
}
