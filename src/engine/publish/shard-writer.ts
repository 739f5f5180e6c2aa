import { join } from 'node:path'
import type { Columns, NumberColumn } from '../../arrow/columns.ts'
import { type ArrowFileOptions, createArrowFile } from '../../arrow/writer.ts'
import type { TextColumn } from '../../core/batch.ts'
import type { Split } from '../../core/report.ts'
import { commitAll } from '../../core/storage.ts'
import { SKETCH_COLUMNS, sketchPaths } from '../corpus/base-corpus.ts'
import type { Plan } from '../plan/plan.ts'
import { repeated, SHARD_COLUMNS, shardColumns } from './shard-columns.ts'
import { type StagedSketches, sketchFile } from './shard-sketches.ts'
import type { ShardTask, WrittenFile } from './tasks.ts'

/**
 * The files of a shard, by path relative to the corpus folder: the shard itself, then the sketches
 * of its documents.
 */
export function shardLayout(
  { manifest, fingerprint, corpusSteps }: Plan,
  shard: string,
  split: Split,
) {
  const paths = sketchPaths(shard)
  const metadata = new Map([
    ['schema', '1'],
    ['manifest', fingerprint],
    ['split', split],
  ])
  const { compression } = manifest.shards
  return {
    documents: {
      path: shard,
      arrow: { columns: SHARD_COLUMNS, metadata, compression } satisfies ArrowFileOptions,
    },
    rows: {
      path: paths.rows,
      arrow: { columns: SKETCH_COLUMNS, compression: 'zstd' } satisfies ArrowFileOptions,
    },
    sketches: corpusSteps.map((step) => ({ path: paths.sketch(step.name), step })),
  }
}

/** The open files of a shard or of a stretch of it. */
export interface ShardFiles {
  /** Adds the rows `[start, end)` of the sketches that were read last. */
  addSketches(sketches: StagedSketches, start: number, end: number): void
  /** Writes a record batch: documents of one source and the sketches added since the last batch. */
  write(source: string, rows: number, documents: Columns): Promise<void>
  commit(): Promise<WrittenFile[]>
  abort(): Promise<void>
}

/** Creates the files of a task. */
export async function openShardFiles(
  plan: Plan,
  { folder, shard, split, part }: ShardTask,
): Promise<ShardFiles> {
  const layout = shardLayout(plan, shard, split)
  const open = async ({ path, arrow }: { path: string; arrow: ArrowFileOptions }) => ({
    path,
    file: await createArrowFile(plan.storage, join(folder, path), {
      ...arrow,
      part,
      hashed: !part,
    }),
  })
  const documents = await open(layout.documents)
  const rowsFile = await open(layout.rows)
  const sketches = await Promise.all(
    layout.sketches.map(({ path, step }) => sketchFile(plan, join(folder, path), path, step, part)),
  )
  return {
    addSketches(staged, start, end) {
      for (const [step, sketch] of sketches.entries()) sketch.add(staged.at(step), start, end)
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
      const tables = [documents, rowsFile].map(({ path, file }) => ({
        async commit(): Promise<WrittenFile> {
          const blocks = part ? file.blocks() : []
          return { path, ...(await file.commit()), blocks }
        },
      }))
      return commitAll<WrittenFile>([...tables, ...sketches])
    },
    async abort() {
      for (const { file } of [documents, rowsFile]) await file.abort()
      for (const sketch of sketches) await sketch.abort()
    },
  }
}

function lengths({ offsets }: TextColumn): Uint32Array {
  const bytes = new Uint32Array(offsets.length - 1)
  for (let row = 0; row < bytes.length; row++)
    bytes[row] = (offsets[row + 1] ?? 0) - (offsets[row] ?? 0)
  return bytes
}
