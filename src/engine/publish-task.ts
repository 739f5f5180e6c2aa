import type { ColumnSpec, Columns } from '../arrow/columns.ts'
import { type ArrowFile, createArrowFile } from '../arrow/writer.ts'
import { bytesAt, type TextColumn, textAt, textColumn } from '../core/batch.ts'
import { KINDS } from '../core/document.ts'
import type { Split } from '../core/report.ts'
import type { Storage } from '../core/storage.ts'
import { ENGINE_STEP, KEPT, lastMeasured } from './ledger.ts'
import type { Plan, SourceRun, Step } from './plan.ts'
import { redactRows } from './redact.ts'
import { type Removal, readRemovals } from './removals.ts'
import { gatherRows, type RowRef, type Rows } from './rows.ts'
import { isKept, type LedgerRows, readDocuments, readLedger, segmentPaths } from './segment.ts'
import { keyedShare, splitOf } from './split.ts'

/** A segment as publishing finds it. */
export interface SegmentRef {
  /** Number in the run, in reading order. */
  readonly number: number
  /** Index of its source in the plan. */
  readonly source: number
  /** Path without endings. */
  readonly base: string
}

/** One shard: documents of a split from place `from` to place `to` (exclusive) in reading order. */
export interface ShardTask {
  readonly type: 'shard'
  readonly path: string
  readonly split: Split
  /** Segments that hold its documents, in order. */
  readonly segments: readonly SegmentRef[]
  /** Documents of this split to pass over in the first segment, and to take in all. */
  readonly skip: number
  readonly take: number
  readonly removals: string
}

export type PublishTask =
  | ShardTask
  | {
      readonly type: 'ledger'
      readonly path: string
      readonly source: number
      readonly segments: readonly SegmentRef[]
      readonly removals: string
    }
  | {
      readonly type: 'dropped'
      readonly path: string
      readonly source: number
      readonly segments: readonly SegmentRef[]
      readonly removals: string
      /** Share of the removed documents that is published, by `<filter>:<reason>`; all where none is given. */
      readonly shares: Readonly<Record<string, number>>
    }

export interface PublishResult {
  readonly shard: FileFacts
  readonly ledger: FileFacts
  readonly dropped: FileFacts
}

export interface FileFacts {
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
}

const text = (name: string, optional = false): ColumnSpec => ({ name, type: 'utf8', optional })

/** Columns of a published shard. */
export const SHARD_COLUMNS: readonly ColumnSpec[] = [
  text('id'),
  text('text'),
  text('source'),
  text('kind'),
  text('lang', true),
  { name: 'lang_score', type: 'float32' },
  text('url', true),
  text('license', true),
  text('author', true),
  text('created', true),
  text('metadata', true),
]

/** Text bytes and rows per record batch of a published file. */
const BATCH_BYTES = 4 << 20
const BATCH_ROWS = 4096

/** Writes one shard. */
export async function writeShard(plan: Plan, task: ShardTask): Promise<FileFacts> {
  const { split, shards } = plan.manifest
  const metadata = new Map([
    ['schema', '1'],
    ['manifest', plan.fingerprint],
    ['split', task.split],
  ])
  const file = await createArrowFile(plan.storage, task.path, {
    columns: SHARD_COLUMNS,
    metadata,
    compression: shards.compression,
  })
  const writer = batchWriter(file, (rows) => shardColumns(rows))
  let position = -task.skip
  try {
    for (const segment of task.segments) {
      const source = sourceOf(plan, segment.source)
      for await (const { rows, row } of publishedRows(plan, segment, task.removals)) {
        if (position >= task.take) break
        if (splitOf(split.key, split, bytesAt(rows.batch.id, row)) !== task.split) continue
        if (position++ >= 0) await writer.add(source.name, { rows, row })
      }
    }
    await writer.flush()
    return await file.commit()
  } finally {
    await file.abort()
  }
}

/** The documents of a segment that no filter removed, in reading order. */
export async function* publishedRows(plan: Plan, segment: SegmentRef, removals: string): AsyncIterable<RowRef> {
  const removed = await readRemovals(plan.storage, removals, segment.number)
  const skip = new Set([...removed.keys()])
  const kept = segmentPaths(segment.base).kept
  for await (const rows of readDocuments(plan.storage, kept, sourceOf(plan, segment.source).name)) {
    for (let row = 0; row < rows.batch.rows; row++) {
      if (!skip.has(rows.ordinal[row] ?? 0)) yield { rows, row }
    }
  }
}

/** Collects rows of one source after another and writes them as record batches. */
function batchWriter(file: ArrowFile, columnsOf: (rows: Rows) => Columns) {
  let refs: RowRef[] = []
  let bytes = 0
  let source = ''
  const flush = async (): Promise<void> => {
    if (refs.length === 0) return
    await file.write(refs.length, columnsOf(gatherRows(source, refs)))
    refs = []
    bytes = 0
  }
  return {
    async add(name: string, ref: RowRef): Promise<void> {
      if (name !== source) await flush()
      source = name
      refs.push(ref)
      bytes += bytesAt(ref.rows.batch.text, ref.row).length
      if (bytes >= BATCH_BYTES || refs.length >= BATCH_ROWS) await flush()
    },
    flush,
  }
}

function shardColumns({ batch }: Rows): Columns {
  return {
    id: batch.id,
    text: batch.text,
    source: textColumn(new Array<string>(batch.rows).fill(batch.source)),
    kind: textColumn([...batch.kind].map((kind) => KINDS[kind] ?? 'prose')),
    lang: textColumn(batch.lang),
    lang_score: batch.langScore,
    url: batch.url,
    license: batch.license,
    author: batch.author,
    created: batch.created,
    metadata: batch.metadata,
  }
}

const LEDGER_COLUMNS: readonly ColumnSpec[] = [
  text('id'),
  text('split', true),
  text('filter', true),
  text('reason', true),
  text('survivor', true),
  { name: 'similarity', type: 'float32' },
  text('lang', true),
  text('kind'),
  { name: 'items', type: 'uint32' },
  { name: 'bytes', type: 'uint32' },
]

/** Writes the ledger of some segments of one source: a record batch for each batch of the segments. */
export async function writeLedger(plan: Plan, task: PublishTask & { type: 'ledger' }): Promise<FileFacts> {
  const source = sourceOf(plan, task.source)
  const measures = source.steps.flatMap(({ name, filter }) =>
    Object.entries(filter.measures).map(([measure, { type }]): ColumnSpec => {
      const stored = { number: 'float32', count: 'uint32', label: 'utf8' } as const
      return { name: `${name}.${measure}`, type: stored[type], optional: true }
    }),
  )
  const file = await createArrowFile(plan.storage, task.path, {
    columns: [...LEDGER_COLUMNS, ...measures],
    metadata: new Map([
      ['schema', '1'],
      ['manifest', plan.fingerprint],
      ['source', source.name],
    ]),
    compression: 'zstd',
  })
  try {
    for (const segment of task.segments) {
      const removals = await readRemovals(plan.storage, task.removals, segment.number)
      let first = 0
      for await (const ledger of readLedger(plan.storage, segmentPaths(segment.base).ledger)) {
        await file.write(ledger.rows, ledgerColumns(plan, source, ledger, removals, first, measures))
        first += ledger.rows
      }
    }
    return await file.commit()
  } finally {
    await file.abort()
  }
}

function ledgerColumns(
  plan: Plan,
  source: SourceRun,
  ledger: LedgerRows,
  removals: ReadonlyMap<number, Removal>,
  first: number,
  measures: readonly ColumnSpec[],
): Columns {
  const { split } = plan.manifest
  const ids = redactedIds(source, ledger)
  const fates = Array.from({ length: ledger.rows }, (_, row) => fateOf(source, ledger, row, removals.get(first + row)))
  return {
    id: ids,
    split: textColumn(fates.map(({ filter }, row) => (filter ? '' : splitOf(split.key, split, bytesAt(ids, row))))),
    filter: textColumn(fates.map(({ filter }) => filter)),
    reason: textColumn(fates.map(({ reason }) => reason)),
    survivor: textColumn(fates.map(({ survivor }) => survivor)),
    similarity: Float32Array.from(fates, ({ similarity }) => similarity),
    lang: ledger.lang,
    kind: textColumn([...ledger.kind].map((kind) => KINDS[kind] ?? 'prose')),
    items: ledger.items,
    bytes: ledger.bytes,
    ...Object.fromEntries(measures.map(({ name }) => [name, publishedMeasure(source, ledger, name)])),
  }
}

/** What became of a document. `filter` and `reason` are empty for published ones. */
export interface Fate {
  readonly filter: string
  readonly reason: string
  readonly survivor: string
  readonly similarity: number
}

const PUBLISHED: Fate = { filter: '', reason: '', survivor: '', similarity: 0 }

/** What became of one row of a segment's ledger. */
export function fateOf(source: SourceRun, ledger: LedgerRows, row: number, removal: Removal | undefined): Fate {
  const step = ledger.step[row] ?? KEPT
  if (step === KEPT) return removal ?? PUBLISHED
  const filter = step === ENGINE_STEP ? 'engine' : (source.steps[step]?.name ?? 'engine')
  return { ...PUBLISHED, filter, reason: ledger.reason[row] ?? '' }
}

/**
 * One measure; nothing for rows that an earlier filter dropped. Floats are stored with 12 bits of mantissa: three
 * significant digits, a third of the space.
 */
function publishedMeasure(
  source: SourceRun,
  ledger: LedgerRows,
  name: string,
): TextColumn | Uint32Array | Float32Array {
  const values = ledger.values.get(name)
  if (values === undefined) throw new Error(`no measure ${name}`)
  const index = source.steps.findIndex((step) => name.startsWith(`${step.name}.`))
  const counts = (row: number): boolean => lastMeasured(ledger, row) >= index
  if (Array.isArray(values)) return textColumn(values.map((value, row) => (counts(row) ? value : '')))
  const masked = values.map((value, row) => (counts(row) ? value : 0))
  if (masked instanceof Uint32Array) return masked
  const bits = new Uint32Array(masked.buffer).map((value) => (value + 0x400) & 0xfffff800)
  return new Float32Array(bits.buffer)
}

/** Ids as they may be published: those of rows that redaction has not reached pass through it. */
function redactedIds(source: SourceRun, ledger: LedgerRows): TextColumn {
  const empty = { bytes: new Uint8Array(0), offsets: new Int32Array(ledger.rows + 1) }
  const rows: Rows = {
    batch: {
      source: source.name,
      rows: ledger.rows,
      kind: ledger.kind,
      items: ledger.items,
      id: ledger.id,
      text: empty,
      url: empty,
      license: empty,
      author: empty,
      created: empty,
      revised: empty,
      metadata: empty,
      lang: new Array<string>(ledger.rows).fill(''),
      langScore: ledger.langScore,
    },
    ordinal: new Uint32Array(ledger.rows),
  }
  return redactRows(source.steps, rows, [...ledger.reached]).batch.id
}

const DROPPED_COLUMNS: readonly ColumnSpec[] = [
  ...SHARD_COLUMNS,
  text('filter'),
  text('reason'),
  text('survivor', true),
  { name: 'similarity', type: 'float32' },
]

/** Writes the removed documents of one source, redacted, all or the sampled share of each reason. */
export async function writeDropped(plan: Plan, task: PublishTask & { type: 'dropped' }): Promise<FileFacts> {
  const source = sourceOf(plan, task.source)
  const file = await createArrowFile(plan.storage, task.path, {
    columns: DROPPED_COLUMNS,
    metadata: new Map([
      ['schema', '1'],
      ['manifest', plan.fingerprint],
      ['source', source.name],
    ]),
    compression: 'zstd',
  })
  try {
    for (const segment of task.segments) {
      for await (const { rows, fates } of removedRows(plan.storage, source, segment, task.removals, task.shares)) {
        await file.write(rows.batch.rows, {
          ...shardColumns(rows),
          filter: textColumn(fates.map(({ filter }) => filter)),
          reason: textColumn(fates.map(({ reason }) => reason)),
          survivor: textColumn(fates.map(({ survivor }) => survivor)),
          similarity: Float32Array.from(fates, ({ similarity }) => similarity),
        })
      }
    }
    return await file.commit()
  } finally {
    await file.abort()
  }
}

/** Removed documents of one segment, redacted: first those of row filters, then those of corpus filters. */
async function* removedRows(
  storage: Storage,
  source: SourceRun,
  segment: SegmentRef,
  removalsFolder: string,
  shares: Readonly<Record<string, number>>,
): AsyncIterable<{ rows: Rows; fates: Fate[] }> {
  const removals = await readRemovals(storage, removalsFolder, segment.number)
  const wanted = new Map<number, { fate: Fate; reached: number }>()
  let first = 0
  for await (const ledger of readLedger(storage, segmentPaths(segment.base).ledger)) {
    for (let row = 0; row < ledger.rows; row++) {
      const fate = fateOf(source, ledger, row, removals.get(first + row))
      if (!fate.filter || !isSampled(shares, fate, bytesAt(ledger.id, row))) continue
      wanted.set(first + row, { fate, reached: ledger.reached[row] ?? -1 })
    }
    first += ledger.rows
  }
  if (wanted.size === 0) return
  const paths = segmentPaths(segment.base)
  for (const path of removals.size > 0 ? [paths.dropped, paths.kept] : [paths.dropped]) {
    for await (const rows of readDocuments(storage, path, source.name)) {
      const refs: RowRef[] = []
      const found: { fate: Fate; reached: number }[] = []
      for (const [row, ordinal] of rows.ordinal.entries()) {
        const entry = wanted.get(ordinal)
        if (!entry) continue
        refs.push({ rows, row })
        found.push(entry)
      }
      if (refs.length === 0) continue
      const redacted = redactRows(
        source.steps,
        gatherRows(source.name, refs),
        found.map(({ reached }) => reached),
      )
      yield { rows: redacted, fates: found.map(({ fate }) => fate) }
    }
  }
}

function isSampled(shares: Readonly<Record<string, number>>, { filter, reason }: Fate, id: Uint8Array): boolean {
  const share = shares[`${filter}:${reason}`]
  return share === undefined || keyedShare('dropped', id) < share
}

/** The source a segment belongs to. */
export function sourceOf(plan: Plan, index: number): SourceRun {
  const source = plan.sources[index]
  if (source === undefined) throw new RangeError(`no source ${index}`)
  return source
}

/** The rows of a ledger that passed every row filter and are not removed, for planning shards. */
export function isPublished(
  ledger: LedgerRows,
  row: number,
  removals: ReadonlyMap<number, Removal>,
  first: number,
): boolean {
  return isKept(ledger, row) && !removals.has(first + row)
}

/** Steps that redact, with their place in the chain. */
export const redactingSteps = (steps: readonly Step[]): readonly Step[] => steps.filter(({ filter }) => filter.redacts)

/** One id as a string. */
export const idAt = (ledger: LedgerRows, row: number): string => textAt(ledger.id, row)
