import { createHash } from 'node:crypto'
import type { Columns } from '../../arrow/columns.ts'
import type { ReadHandle } from '../../core/storage.ts'
import type { CorpusStep, Plan } from '../plan/plan.ts'
import { segmentPaths } from '../segments/segment.ts'
import { rowsOf } from '../segments/segment-reader.ts'
import { type SegmentRef, sourceOf } from '../segments/segment-ref.ts'
import type { WrittenFile } from './tasks.ts'

/** The sketches that the stage step made of the kept documents of a segment. */
export interface StagedSketches {
  /** Reads the sketches of `rows` documents, starting at position `place` among the kept ones. */
  read(place: number, rows: number): Promise<void>
  /**
   * The sketches read last, of the corpus filter with this index in the plan; undefined if the
   * filter does not apply to the source.
   */
  at(step: number): Uint8Array | undefined
  close(): Promise<void>
}

/** Opens the sketches of a segment. */
export async function openSegmentSketches(
  plan: Plan,
  segment: SegmentRef,
): Promise<StagedSketches> {
  const own = sourceOf(plan, segment.source).corpusSteps
  const files: { handle: ReadHandle; width: number; bytes: Uint8Array; step: number }[] = []
  for (const [step, { name, filter }] of plan.corpusSteps.entries()) {
    if (!own.some((one) => one.name === name)) continue
    const handle = await plan.storage.open(segmentPaths(segment.base).sketch(name))
    files.push({ handle, width: filter.sketchBytes, bytes: new Uint8Array(0), step })
  }
  return {
    async read(place, rows) {
      for (const file of files)
        file.bytes = await file.handle.read(place * file.width, rows * file.width)
    },
    at: (step) => files.find((file) => file.step === step)?.bytes,
    async close() {
      for (const { handle } of files) await handle.close()
    },
  }
}

/**
 * Creates the sketch file of one corpus filter for the documents of a shard, with which later
 * corpora are compared.
 */
export async function sketchFile(
  plan: Plan,
  target: string,
  path: string,
  { filter }: CorpusStep,
  part: boolean,
) {
  const file = await plan.storage.create(target, { durable: !part })
  const hash = part ? undefined : createHash('sha256')
  const width = filter.sketchBytes
  let added: Uint8Array[] = []
  let [count, size] = [0, 0]
  return {
    add(sketches: Uint8Array | undefined, start: number, end: number): void {
      if (sketches) added.push(sketches.slice(start * width, end * width))
    },
    /**
     * Writes the sketches added since the last call. If there are none, computes those of
     * `documents`.
     */
    async write(source: string, rows: number, documents: Columns): Promise<void> {
      const bytes = added.length > 0 ? Buffer.concat(added) : new Uint8Array(rows * width)
      if (added.length === 0) filter.sketch(rowsOf(source, rows, documents).batch, bytes)
      added = []
      hash?.update(bytes)
      count += rows
      size += bytes.length
      await file.write(bytes)
    },
    async commit(): Promise<WrittenFile> {
      await file.commit()
      return { path, rows: count, bytes: size, sha256: hash?.digest('hex') ?? '', blocks: [] }
    },
    abort: () => file.abort(),
  }
}
