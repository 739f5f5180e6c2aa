import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Columns, NumberColumn } from '../arrow/columns.ts'
import { type ArrowFileOptions, createArrowFile } from '../arrow/writer.ts'
import type { TextColumn } from '../core/batch.ts'
import type { Split } from '../core/report.ts'
import { SKETCH_COLUMNS, sketchPaths } from './base-corpus.ts'
import type { CorpusStep, Plan } from './plan.ts'
import { type SegmentRef, type ShardTask, sourceOf, type WrittenFile } from './publish-task.ts'
import { segmentPaths } from './segment.ts'
import { rowsOf } from './segment-reader.ts'
import { repeated, SHARD_COLUMNS, shardColumns } from './shard-columns.ts'

/** What the files of a shard are, by path relative to the corpus folder: the shard, then the sketches of its documents. */
export function shardLayout({ manifest, fingerprint, corpusSteps }: Plan, shard: string, split: Split) {
  const paths = sketchPaths(shard)
  const metadata = new Map([
    ['schema', '1'],
    ['manifest', fingerprint],
    ['split', split],
  ])
  const { compression } = manifest.shards
  return {
    documents: { path: shard, arrow: { columns: SHARD_COLUMNS, metadata, compression } satisfies ArrowFileOptions },
    rows: { path: paths.rows, arrow: { columns: SKETCH_COLUMNS, compression: 'zstd' } satisfies ArrowFileOptions },
    sketches: corpusSteps.map((step) => ({ path: paths.sketch(step.name), step })),
  }
}

/** The files of a shard, or of a stretch of it, being written. */
export interface ShardFiles {
  /** Adds the sketches of the documents at places `[start, end)` of a segment. */
  addSketches(segment: SketchesOfSegment, start: number, end: number): void
  /** Writes a record batch: documents of one source, with the sketches added since the last one. */
  write(source: string, rows: number, documents: Columns): Promise<void>
  commit(): Promise<WrittenFile[]>
  abort(): Promise<void>
}

/** Creates the files of a task. */
export async function openShardFiles(plan: Plan, { folder, shard, split, part }: ShardTask): Promise<ShardFiles> {
  const layout = shardLayout(plan, shard, split)
  const open = async ({ path, arrow }: { path: string; arrow: ArrowFileOptions }) => ({
    path,
    file: await createArrowFile(plan.storage, join(folder, path), { ...arrow, part }),
  })
  const documents = await open(layout.documents)
  const rowsFile = await open(layout.rows)
  const sketches = await Promise.all(
    layout.sketches.map(({ path, step }) => sketchFile(plan, join(folder, path), path, step, part)),
  )
  return {
    addSketches(segment, start, end) {
      for (const [index, sketch] of sketches.entries()) sketch.add(segment[index], start, end)
    },
    async write(source, rows, columns) {
      const { id, lang, kind } = columns as Record<string, TextColumn> & { kind: NumberColumn }
      await documents.file.write(rows, shardColumns(source, rows, columns))
      await rowsFile.file.write(rows, {
        id,
        source: repeated(source, rows),
        lang,
        kind,
        bytes: lengths(columns.text as TextColumn),
      } as Columns)
      for (const sketch of sketches) await sketch.write(source, rows, columns)
      if (plan.manifest.shards.compression === 'none') await documents.file.settled()
    },
    async commit() {
      const written: WrittenFile[] = []
      for (const { path, file } of [documents, rowsFile]) {
        const blocks = part ? file.blocks() : []
        written.push({ path, ...(await file.commit()), blocks })
      }
      for (const sketch of sketches) written.push(await sketch.commit())
      return written
    },
    async abort() {
      for (const { file } of [documents, rowsFile]) await file.abort()
      for (const sketch of sketches) await sketch.abort()
    },
  }
}

/** The sketches that the stage step made of the kept documents of a segment, one a corpus filter that its source has. */
export type SketchesOfSegment = readonly (Uint8Array | undefined)[]

/** Reads the sketches of a segment, in the order of the plan's corpus filters. */
export function sketchesOfSegment(plan: Plan, segment: SegmentRef): Promise<SketchesOfSegment> {
  const { storage, corpusSteps } = plan
  const own = sourceOf(plan, segment.source).corpusSteps
  return Promise.all(
    corpusSteps.map(async ({ name }) => {
      if (!own.some((step) => step.name === name)) return undefined
      const handle = await storage.open(segmentPaths(segment.base).sketch(name))
      try {
        return await handle.read(0, handle.size)
      } finally {
        await handle.close()
      }
    }),
  )
}

/** The sketches of one corpus filter, for later corpora to be compared with; made anew where the stage step made none. */
async function sketchFile({ storage }: Plan, target: string, path: string, { filter }: CorpusStep, part: boolean) {
  const file = await storage.create(target, { durable: !part })
  const hash = createHash('sha256')
  const width = filter.sketchBytes
  let added: Uint8Array[] = []
  let [count, size] = [0, 0]
  return {
    add(sketches: Uint8Array | undefined, start: number, end: number): void {
      if (sketches) added.push(sketches.subarray(start * width, end * width))
    },
    async write(source: string, rows: number, documents: Columns): Promise<void> {
      const bytes = added.length > 0 ? Buffer.concat(added) : new Uint8Array(rows * width)
      if (added.length === 0) filter.sketch(rowsOf(source, rows, documents).batch, bytes)
      added = []
      hash.update(bytes)
      count += rows
      size += bytes.length
      await file.write(bytes)
    },
    async commit(): Promise<WrittenFile> {
      await file.commit()
      return { path, rows: count, bytes: size, sha256: hash.digest('hex'), blocks: [] }
    },
    abort: () => file.abort(),
  }
}

function lengths({ offsets }: TextColumn): Uint32Array {
  const bytes = new Uint32Array(offsets.length - 1)
  for (let row = 0; row < bytes.length; row++) bytes[row] = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0)
  return bytes
}
