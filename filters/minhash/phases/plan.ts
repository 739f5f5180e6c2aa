import {
  eachRecord,
  readWords,
  recordsOf,
  streamRecords,
  type WordFile,
  withWordFiles,
} from '../files/records.ts'
import type { MinhashOptions } from '../options.ts'
import type { Run } from '../run.ts'
import { BY_RANK_WIDTH } from '../tasks/rank.ts'
import { LABEL_WIDTH } from './components.ts'
import { mergeRuns, sortRuns } from './sort-runs.ts'

/**
 * Most text of a component whose documents are all compared with each other. It is fixed, so that
 * decisions do not depend on memory.
 */
const COMPONENT_BYTES = 32 << 20
/**
 * Memory of a verifying task per byte of text in its bucket: at most two for shingle hashes and
 * about one for objects.
 */
const VERIFY_FACTOR = 4
/** Most text in a bucket, unless that makes more buckets than one pass over the texts can fill. */
const BUCKET_BYTES = 8 << 20
/** Buckets filled in one pass over the texts: a file each. */
export const BUCKETS_PER_PASS = 256

/** Words of a member: root of its component, rank, row, bytes of text. */
const MEMBER_WIDTH = 4
/** Words of a component: documents, bytes of text (two words), rank of the last leader. */
const COMPONENT_WIDTH = 4
/** Words of a document to be verified: row, rank, root of its component, bucket. */
export const WANTED_WIDTH = 4

/** The documents to verify, in order of row, and the number of buckets of whole components. */
export type VerifyPlan = { readonly wanted: string; readonly buckets: readonly Bucket[] }

export type Bucket = {
  readonly documents: number
  /** Last leader of a component too large to compare all pairs; undefined for others. */
  readonly lastLeader?: number
  /** Rank of the oversized component's first document. */
  readonly root?: number
}

/**
 * Packs components into buckets whose verification fits into a task. An oversized component gets a
 * bucket of its own.
 */
export async function planVerification(
  run: Run,
  folder: string,
  members: string,
  byRank: string,
): Promise<VerifyPlan> {
  const { storage } = run.store
  const [described, sorted, components, unsorted, wanted] = [
    'described',
    'members',
    'components',
    'unsorted',
    'wanted',
  ].map((name) => `${folder}/${name}`) as [string, string, string, string, string]
  await write(run, described, (file) => describeMembers(run, members, byRank, file))
  await sortFile(run, folder, described, MEMBER_WIDTH, sorted)
  let bytes = 0
  await write(run, components, async (file) => {
    bytes = await measureComponents(run, sorted, file)
  })
  const most = Math.max(BUCKET_BYTES, Math.ceil((2 * bytes) / BUCKETS_PER_PASS))
  const next = bucketPacker(run.options, Math.min(most, Math.floor(run.taskBytes / VERIFY_FACTOR)))
  await write(run, unsorted, (file) => assignBuckets(run, sorted, components, next.bucketOf, file))
  await sortFile(run, folder, unsorted, WANTED_WIDTH, wanted)
  for (const path of [described, sorted, components, unsorted]) await storage.remove(path)
  return { wanted, buckets: next.buckets }
}

async function write(
  run: Run,
  path: string,
  fill: (file: WordFile) => Promise<void>,
): Promise<void> {
  await withWordFiles(run.store.storage, [path], run.taskBytes, async ([file]) => {
    if (file) await fill(file)
  })
}

async function sortFile(
  run: Run,
  folder: string,
  from: string,
  width: number,
  to: string,
): Promise<void> {
  const runs = await sortRuns(run, folder, from, width)
  if (runs.length === 1) return run.store.storage.rename(runs[0] ?? '', to)
  await write(run, to, async (file) => {
    for await (const records of mergeRuns(run, runs, width)) {
      file.add(records)
      await file.flush()
    }
  })
  for (const path of runs) await run.store.storage.remove(path)
}

/**
 * Adds row and bytes of text to the members of components, which are in order of rank as the file
 * by rank is.
 */
async function describeMembers(
  run: Run,
  members: string,
  byRank: string,
  file: WordFile,
): Promise<void> {
  const { storage } = run.store
  for await (const labels of streamRecords(storage, members, LABEL_WIDTH, 1 << 16)) {
    const first = labels[1] ?? 0
    const last = labels.at(-1) ?? first
    for (let start = first, at = 0; start <= last; start += STRETCH) {
      const end = Math.min(last + 1, start + STRETCH)
      const documents = await readWords(
        storage,
        byRank,
        start * BY_RANK_WIDTH,
        (end - start) * BY_RANK_WIDTH,
      )
      for (; at < labels.length && (labels[at + 1] ?? 0) < end; at += LABEL_WIDTH) {
        const rank = labels[at + 1] ?? 0
        const [row = 0, bytes = 0] = documents.subarray((rank - start) * BY_RANK_WIDTH)
        file.add(Uint32Array.of(labels[at] ?? 0, rank, row, bytes))
      }
      await file.flush()
    }
  }
}

/** Ranks processed at a time. */
const STRETCH = 1 << 18

/**
 * Documents, text and last leader of every component. Leaders are its first documents, up to a
 * bounded amount of text. Returns the text of all components.
 */
async function measureComponents(run: Run, sorted: string, file: WordFile): Promise<number> {
  const { leaders } = run.options
  let all = 0
  let root = -1
  let documents = 0
  let bytes = 0
  let lastLeader = 0
  let complete = false
  const end = async (): Promise<void> => {
    if (documents === 0) return
    file.add(Uint32Array.of(documents, bytes / 2 ** 32, bytes, lastLeader))
    await file.flush()
  }
  for await (const records of streamRecords(run.store.storage, sorted, MEMBER_WIDTH)) {
    for (const [of = 0, rank = 0, , length = 0] of recordsOf(records, MEMBER_WIDTH)) {
      if (of !== root) {
        await end()
        root = of
        documents = 0
        bytes = 0
        complete = false
      }
      bytes += length
      all += length
      complete ||= documents >= leaders || (documents > 0 && bytes > COMPONENT_BYTES)
      if (!complete) lastLeader = rank
      documents++
    }
  }
  await end()
  return all
}

async function assignBuckets(
  run: Run,
  sorted: string,
  components: string,
  next: (component: Uint32Array, root: number) => number,
  file: WordFile,
): Promise<void> {
  const { storage } = run.store
  const measured = eachRecord(storage, components, COMPONENT_WIDTH)[Symbol.asyncIterator]()
  let open = -1
  let bucket = 0
  for await (const records of streamRecords(storage, sorted, MEMBER_WIDTH)) {
    for (const [root = 0, rank = 0, row = 0] of recordsOf(records, MEMBER_WIDTH)) {
      if (root !== open)
        bucket = next((await measured.next()).value ?? new Uint32Array(COMPONENT_WIDTH), root)
      open = root
      file.add(Uint32Array.of(row, rank, root, bucket))
    }
    await file.flush()
  }
  await measured.next()
}

/** Chooses a bucket for each component in turn. */
function bucketPacker({ maxComponent }: MinhashOptions, bucketBytes: number) {
  const buckets: Bucket[] = []
  let open = -1
  let openBytes = 0
  const bucketOf = (
    [documents = 0, high = 0, low = 0, lastLeader = 0]: Uint32Array,
    root: number,
  ): number => {
    const bytes = high * 2 ** 32 + low
    if (documents > maxComponent || bytes > COMPONENT_BYTES) {
      return buckets.push({ documents, lastLeader, root }) - 1
    }
    if (open < 0 || openBytes + bytes > bucketBytes) {
      open = buckets.push({ documents: 0 }) - 1
      openBytes = 0
    }
    openBytes += bytes
    buckets[open] = { documents: (buckets[open]?.documents ?? 0) + documents }
    return open
  }
  return { buckets, bucketOf }
}
