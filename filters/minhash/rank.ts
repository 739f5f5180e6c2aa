import { compareRanks, RANK_WIDTH } from './group.ts'
import { createWords, readWords, sharedWords, streamRecords } from './records.ts'
import type { Run } from './run.ts'

/** Bytes a sorting task needs for each byte of records: input, order, output. */
const SORTING_FACTOR = 3

/**
 * Puts all documents in order of preference: sorted runs that fit in memory, merged. Leaves the rank of every row, so
 * that from here on a smaller number is a document rather kept.
 */
export async function rankRows(run: Run, folder: string, records: string): Promise<string> {
  const { storage } = run.store
  const runs = await sortRuns(run, folder, records)
  const ranks = sharedWords(run.store.rows)
  await mergeRuns(run, runs, ranks)
  const file = await createWords(storage, `${folder}/rank-of-row`)
  file.add(ranks)
  await file.commit()
  for (const path of runs) await storage.remove(path)
  return file.path
}

async function sortRuns(run: Run, folder: string, records: string): Promise<string[]> {
  const { storage, rows } = run.store
  const perRun = Math.max(1, Math.floor(run.taskBytes / (SORTING_FACTOR * RANK_WIDTH * 4)))
  const starts = Array.from({ length: Math.ceil(rows / perRun) }, (_, i) => i * perRun)
  const inputs = async function* () {
    for (const start of starts) {
      run.store.signal.throwIfAborted()
      yield await readWords(storage, records, start * RANK_WIDTH, Math.min(perRun, rows - start) * RANK_WIDTH)
    }
  }
  const paths: string[] = []
  for await (const sorted of run.pool.map('sortRanks', inputs())) {
    const file = await createWords(storage, `${folder}/run-${paths.length}`)
    file.add(sorted)
    await file.commit()
    paths.push(file.path)
  }
  return paths
}

interface Head {
  readonly source: AsyncIterator<Uint32Array>
  records: Uint32Array
  at: number
}

/** Walks sorted runs in overall order and numbers their rows; the runs' heads are a binary heap. */
async function mergeRuns(run: Run, paths: readonly string[], ranks: Uint32Array): Promise<void> {
  let rank = 0
  const heap: Head[] = []
  for (const path of paths) {
    const source = streamRecords(run.store.storage, path, RANK_WIDTH)[Symbol.asyncIterator]()
    const first = await source.next()
    if (!first.done) heap.push({ source, records: first.value, at: 0 })
  }
  for (let i = heap.length >>> 1; i >= 0; i--) sink(heap, i)
  while (heap[0]) {
    const top = heap[0]
    ranks[top.records[top.at + RANK_WIDTH - 1] ?? 0] = rank++
    top.at += RANK_WIDTH
    if (top.at >= top.records.length) {
      const more = await top.source.next()
      if (more.done) {
        const last = heap.pop()
        if (last && heap.length > 0) heap[0] = last
      } else {
        top.records = more.value
        top.at = 0
      }
    }
    sink(heap, 0)
  }
}

function sink(heap: Head[], from: number): void {
  let parent = from
  for (;;) {
    let least = parent
    for (const child of [2 * parent + 1, 2 * parent + 2]) if (before(heap[child], heap[least])) least = child
    const head = heap[parent]
    const other = heap[least]
    if (least === parent || !head || !other) return
    heap[parent] = other
    heap[least] = head
    parent = least
  }
}

function before(a: Head | undefined, b: Head | undefined): boolean {
  return a !== undefined && b !== undefined && compareRanks(a.records, a.at, b.records, b.at) < 0
}
