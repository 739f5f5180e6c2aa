import { createHash } from 'node:crypto'
import type { ColumnSpec, Columns } from '../arrow/columns.ts'
import { createArrowFile } from '../arrow/writer.ts'
import { bytesAt, textColumn } from '../core/batch.ts'
import { KINDS } from '../core/document.ts'
import { SKETCH_COLUMNS, sketchPaths } from './base-corpus.ts'
import type { Plan } from './plan.ts'
import { type PathFacts, type SegmentRef, type ShardFacts, type ShardTask, sourceOf } from './publish-task.ts'
import { readRemovals } from './removals.ts'
import { gatherRows, type RowRef, type Rows } from './rows.ts'
import { segmentPaths } from './segment.ts'
import { readDocuments } from './segment-reader.ts'
import { splitOf } from './split.ts'

/** A text column of a published file. */
export const textSpec = (name: string, optional = false): ColumnSpec => ({ name, type: 'utf8', optional })

/** Columns of a published shard. */
export const SHARD_COLUMNS: readonly ColumnSpec[] = [
  textSpec('id'),
  textSpec('text'),
  textSpec('source'),
  textSpec('kind'),
  textSpec('lang', true),
  { name: 'lang_score', type: 'float32' },
  textSpec('url', true),
  textSpec('license', true),
  textSpec('author', true),
  textSpec('created', true),
  textSpec('metadata', true),
]

/** Text bytes and rows per record batch of a published file. */
const BATCH_BYTES = 4 << 20
const BATCH_ROWS = 4096

/** Text bytes that collected rows may keep in memory. */
const HELD_BYTES = 16 << 20

/** Writes one shard. */
export async function writeShard(plan: Plan, task: ShardTask): Promise<ShardFacts> {
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
  const sketches = await sketchWriter(plan, task)
  const writer = batchWriter<SketchedRow>(async (source, refs) => {
    const rows = gatherRows(source, refs)
    await file.write(rows.batch.rows, shardColumns(rows))
    await sketches.write(rows, refs)
  })
  let position = -task.skip
  try {
    for (const segment of task.segments) {
      const source = sourceOf(plan, segment.source)
      const sketchesAt = await sketchReader(plan, segment)
      for await (const { rows, row, place } of publishedRows(plan, segment, task.removals)) {
        if (position >= task.take) break
        if (splitOf(split.key, split, bytesAt(rows.batch.id, row)) !== task.split) continue
        if (position++ >= 0) await writer.add(source.name, { rows, row, sketches: sketchesAt(place) })
      }
    }
    await writer.flush()
    const extras = await sketches.commit()
    return { ...(await file.commit()), extras }
  } finally {
    await file.abort()
    await sketches.abort()
  }
}

/** The documents of a segment that no filter removed, in reading order; `place` counts those that row filters kept. */
export async function* publishedRows(
  plan: Plan,
  segment: SegmentRef,
  removals: string,
): AsyncIterable<RowRef & { readonly place: number }> {
  const removed = await readRemovals(plan.storage, removals, segment.number)
  const skip = new Set([...removed.keys()])
  const kept = segmentPaths(segment.base).kept
  let place = 0
  for await (const rows of readDocuments(plan.storage, kept, sourceOf(plan, segment.source).name)) {
    for (let row = 0; row < rows.batch.rows; row++, place++) {
      if (!skip.has(rows.ordinal[row] ?? 0)) yield { rows, row, place }
    }
  }
}

/**
 * Collects rows of one source after another and writes them as record batches. Where those end depends on the rows only.
 * Rows picked here and there keep what they were read with in memory, so they are copied out of it when that is much.
 */
export function batchWriter<Ref extends RowRef>(write: (source: string, refs: readonly Ref[]) => Promise<void>) {
  let refs: Ref[] = []
  let bytes = 0
  let held = 0
  let source = ''
  const flush = async (): Promise<void> => {
    if (refs.length > 0) await write(source, refs)
    refs = []
    bytes = 0
    held = 0
  }
  const copyOut = (): void => {
    const rows = gatherRows(source, refs)
    refs = refs.map((ref, row) => ({ ...ref, rows, row }))
    held = bytes
  }
  return {
    async add(name: string, ref: Ref): Promise<void> {
      if (name !== source) await flush()
      source = name
      const { text } = ref.rows.batch
      if (refs.at(-1)?.rows !== ref.rows) held += text.bytes.length
      refs.push(ref)
      bytes += bytesAt(text, ref.row).length
      if (bytes >= BATCH_BYTES || refs.length >= BATCH_ROWS) await flush()
      else if (held > HELD_BYTES) copyOut()
    },
    flush,
  }
}

/** A document with its sketches: one a corpus filter of the plan, undefined where its source was not sketched by it. */
interface SketchedRow extends RowRef {
  readonly sketches: readonly (Uint8Array | undefined)[]
}

/** The sketches that the stage step made of the documents of a segment, by place. */
async function sketchReader(plan: Plan, segment: SegmentRef): Promise<(place: number) => SketchedRow['sketches']> {
  const { corpusSteps } = sourceOf(plan, segment.source)
  const files = await Promise.all(
    plan.corpusSteps.map(async ({ name }) => {
      if (!corpusSteps.some((step) => step.name === name)) return undefined
      const handle = await plan.storage.open(segmentPaths(segment.base).sketch(name))
      try {
        return await handle.read(0, handle.size)
      } finally {
        await handle.close()
      }
    }),
  )
  const widths = plan.corpusSteps.map(({ filter }) => filter.sketchBytes)
  return (place) => files.map((bytes, i) => bytes?.slice(place * (widths[i] ?? 0), (place + 1) * (widths[i] ?? 0)))
}

/** Writes the sketches of a shard's documents, so that later corpora can be compared with it. */
async function sketchWriter(plan: Plan, task: ShardTask) {
  const paths = sketchPaths(task.shard)
  const root = task.path.slice(0, -task.shard.length)
  const rowsFile = await createArrowFile(plan.storage, root + paths.rows, {
    columns: SKETCH_COLUMNS,
    compression: 'zstd',
  })
  const files = await Promise.all(
    plan.corpusSteps.map(async ({ name, filter }) => {
      const path = paths.sketch(name)
      return { path, filter, hash: createHash('sha256'), bytes: 0, file: await plan.storage.create(root + path) }
    }),
  )
  let count = 0
  return {
    async write({ batch }: Rows, refs: readonly SketchedRow[]): Promise<void> {
      count += batch.rows
      await rowsFile.write(batch.rows, {
        id: batch.id,
        source: textColumn(new Array<string>(batch.rows).fill(batch.source)),
        lang: textColumn(batch.lang),
        kind: batch.kind,
        bytes: Uint32Array.from({ length: batch.rows }, (_, row) => bytesAt(batch.text, row).length),
      })
      for (const [index, sketch] of files.entries()) {
        const width = sketch.filter.sketchBytes
        const bytes = new Uint8Array(batch.rows * width)
        if (refs[0]?.sketches[index] === undefined) sketch.filter.sketch(batch, bytes)
        else for (const [row, { sketches }] of refs.entries()) bytes.set(sketches[index] ?? [], row * width)
        sketch.hash.update(bytes)
        sketch.bytes += bytes.length
        await sketch.file.write(bytes)
      }
    },
    async commit(): Promise<PathFacts[]> {
      const facts: PathFacts[] = [{ path: paths.rows, ...(await rowsFile.commit()) }]
      for (const { path, file, hash, bytes } of files) {
        await file.commit()
        facts.push({ path, rows: count, bytes, sha256: hash.digest('hex') })
      }
      return facts
    },
    async abort(): Promise<void> {
      await rowsFile.abort()
      for (const { file } of files) await file.abort()
    },
  }
}

/** Values of the shard columns. */
export function shardColumns({ batch }: Rows): Columns {
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
