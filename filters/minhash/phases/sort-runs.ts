import { compareWords } from '../../../src/kernels/word-records/word-records.ts'
import { createWords, inputMemory, READ_BYTES, readWords, streamRecords } from '../files/records.ts'
import type { Run } from '../run.ts'

/** Bytes a sorting task needs for each byte of records: input, order, output. */
const SORTING_FACTOR = 3
/** Words that a merge yields at a time. */
const MERGED_WORDS = 1 << 16

/** Sorts a file of any size in pieces that fit in memory. Writes each as a sorted file, a run. */
export async function sortRuns(
  run: Run,
  folder: string,
  path: string,
  width: number,
): Promise<string[]> {
  const { storage, signal } = run.store
  const total = ((await storage.stat(path))?.size ?? 0) / (4 * width)
  const perRun = Math.max(1, Math.floor(run.taskBytes / (SORTING_FACTOR * width * 4)))
  const lend = inputMemory(run.pool, Math.min(perRun, total) * width)
  const inputs = async function* () {
    for (let start = 0; start < total; start += perRun) {
      signal.throwIfAborted()
      const words = Math.min(perRun, total - start) * width
      yield { records: await readWords(storage, path, start * width, words, lend), width }
    }
  }
  const paths: string[] = []
  for await (const sorted of run.pool.map('sortRecords', inputs())) {
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

/**
 * Yields all records of sorted runs in order, some thousands at a time. An array is valid until the
 * next one.
 */
export async function* mergeRuns(
  run: Run,
  paths: readonly string[],
  width: number,
): AsyncIterable<Uint32Array> {
  const bytes = Math.min(READ_BYTES, run.taskBytes / Math.max(1, paths.length))
  const heap: Head[] = []
  for (const path of paths) {
    const source = streamRecords(run.store.storage, path, width, bytes)[Symbol.asyncIterator]()
    const first = await source.next()
    if (!first.done) heap.push({ source, records: first.value, at: 0 })
  }
  for (let i = heap.length >>> 1; i >= 0; i--) sink(heap, i, width)
  const merged = new Uint32Array(Math.ceil(MERGED_WORDS / width) * width)
  let filled = 0
  for (let top = heap[0]; top; top = heap[0]) {
    if (heap.length === 1) {
      const some = top.records.subarray(top.at, top.at + merged.length - filled)
      merged.set(some, filled)
      filled += some.length
      top.at += some.length
    }
    while (top.at < top.records.length && filled < merged.length && heap[0] === top) {
      for (let word = 0; word < width; word++) merged[filled++] = top.records[top.at++] ?? 0
      sink(heap, 0, width)
    }
    if (filled === merged.length) {
      run.store.signal.throwIfAborted()
      yield merged
      filled = 0
    }
    if (top.at >= top.records.length) await refill(heap, top, width)
  }
  if (filled > 0) yield merged.subarray(0, filled)
}

/**
 * Refills an empty head with its run's next records, or removes it. An empty head is always on top.
 */
async function refill(heap: Head[], head: Head, width: number): Promise<void> {
  const more = await head.source.next()
  if (more.done) {
    const last = heap.pop()
    if (last && heap.length > 0) heap[0] = last
  } else {
    head.records = more.value
    head.at = 0
  }
  sink(heap, 0, width)
}

function sink(heap: Head[], from: number, width: number): void {
  let parent = from
  for (;;) {
    let least = parent
    for (const child of [2 * parent + 1, 2 * parent + 2]) {
      if (isBefore(heap[child], heap[least], width)) least = child
    }
    const head = heap[parent]
    const other = heap[least]
    if (least === parent || !head || !other) return
    heap[parent] = other
    heap[least] = head
    parent = least
  }
}

/**
 * An empty head sorts before all others, because it must be refilled before records can be
 * compared.
 */
function isBefore(a: Head | undefined, b: Head | undefined, width: number): boolean {
  if (!a || !b || b.at >= b.records.length) return false
  return a.at >= a.records.length || compareWords(a.records, a.at, b.records, b.at, width) < 0
}
