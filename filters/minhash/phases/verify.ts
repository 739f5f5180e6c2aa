import {
  createWords,
  eachRecord,
  inputMemory,
  listsIn,
  readWords,
  streamLists,
  streamRecords,
  withWordFiles,
} from '../files/records.ts'
import { addScattered } from '../files/scatter.ts'
import { windowFiles } from '../files/windows.ts'
import type { Run } from '../run.ts'
import {
  packRecords,
  rankOfRecord,
  type ShingleInput,
  shingleRecords,
  type VerifyOptions,
  withoutRemoved,
} from '../tasks/verify.ts'
import { BUCKETS_PER_PASS, type Bucket, type VerifyPlan, WANTED_WIDTH } from './plan.ts'

/** Bytes of text per task. */
const TEXT_BATCH_BYTES = 1 << 20

/** Reads the texts of all members in order and writes their shingle records by bucket. */
export async function shingleMembers(
  run: Run,
  folder: string,
  { wanted, buckets }: VerifyPlan,
): Promise<string[]> {
  const { storage, rows } = run.store
  const paths = buckets.map((_, i) => `${folder}/bucket-${i}`)
  // One bit per row. If memory has fewer bits than rows, several passes read the texts.
  const { size } = windowFiles('', rows, 1 / 8, run.taskBytes)
  for (let firstBucket = 0; firstBucket < paths.length; firstBucket += BUCKETS_PER_PASS) {
    const some = paths.slice(firstBucket, firstBucket + BUCKETS_PER_PASS)
    await withWordFiles(storage, some, run.taskBytes, async (files) => {
      for (let firstRow = 0; firstRow < rows; firstRow += size) {
        const pass = {
          wanted,
          firstRow,
          endRow: firstRow + size,
          firstBucket,
          endBucket: firstBucket + some.length,
        }
        const inputs = async function* (): AsyncIterable<ShingleInput> {
          for await (const input of textBatches(run, pass)) {
            if (input.bytes.length <= mostThreadBytes(run)) yield input
            else await addScattered(files, shingleRecords(input))
          }
        }
        for await (const records of run.pool.map('shingleRecords', inputs()))
          await addScattered(files, records)
      }
    })
  }
  return paths
}

/** The documents of one pass over the texts. */
interface Pass {
  readonly wanted: string
  readonly firstRow: number
  readonly endRow: number
  readonly firstBucket: number
  readonly endBucket: number
}

/** A text longer than this is not copied to a thread; this thread reads it. */
function mostThreadBytes({ pool, taskBytes }: Run): number {
  return pool.size === 1 ? 0 : Math.max(TEXT_BATCH_BYTES * 2, taskBytes / 4)
}

/**
 * The wanted texts of a pass in batches. A text that is too long for a thread is a batch of its
 * own.
 */
async function* textBatches(run: Run, pass: Pass): AsyncIterable<ShingleInput> {
  const { shingleWords, signature, hashes } = run.options
  const lend = inputMemory(run.pool, TEXT_BATCH_BYTES / 2)
  let texts: Uint8Array[] = []
  let documents: Uint32Array[] = []
  let bytes = 0
  const joined = (): Uint8Array => {
    if (texts.length === 1 && bytes > mostThreadBytes(run)) return texts[0] ?? new Uint8Array(0)
    const batch = new Uint8Array(lend(Math.ceil(bytes / 4)).buffer, 0, bytes)
    let at = 0
    for (const text of texts) {
      batch.set(text, at)
      at += text.length
    }
    return batch
  }
  const take = (): ShingleInput => {
    let end = 0
    const ends = texts.map(({ length }) => (end += length))
    const column = (word: number): number[] => documents.map((document) => document[word] ?? 0)
    const buckets = column(3).map((bucket) => bucket - pass.firstBucket)
    const counted = { rows: column(0), ranks: column(1), roots: column(2), buckets }
    const bucketCount = pass.endBucket - pass.firstBucket
    const input = {
      bytes: joined(),
      ends,
      ...counted,
      bucketCount,
      shingleWords,
      signature,
      hashes,
    }
    texts = []
    documents = []
    bytes = 0
    return input
  }
  const inPass = passDocuments(run, pass)[Symbol.asyncIterator]()
  try {
    for await (const { row, text } of run.store.texts(await rowSet(run, pass))) {
      run.store.signal.throwIfAborted()
      const { value: document } = await inPass.next()
      if (document?.[0] !== row)
        throw new Error(`the text of row ${row} came where another was wanted`)
      if (texts.length > 0 && bytes + text.length > TEXT_BATCH_BYTES) yield take()
      texts.push(text)
      documents.push(document)
      bytes += text.length
    }
  } finally {
    await inPass.return?.()
  }
  if (texts.length > 0) yield take()
}

/** The documents of a pass, in order of row. */
async function* passDocuments(run: Run, pass: Pass): AsyncIterable<Uint32Array> {
  for await (const document of eachRecord(run.store.storage, pass.wanted, WANTED_WIDTH)) {
    if (isInPass(document, 0, pass)) yield document
  }
}

async function rowSet(run: Run, pass: Pass): Promise<(row: number) => boolean> {
  const { firstRow, endRow } = pass
  const bits = new Uint32Array(Math.ceil((Math.min(endRow, run.store.rows) - firstRow) / 32))
  for await (const documents of streamRecords(run.store.storage, pass.wanted, WANTED_WIDTH)) {
    for (let at = 0; at < documents.length; at += WANTED_WIDTH) {
      if (!isInPass(documents, at, pass)) continue
      const bit = (documents[at] ?? 0) - firstRow
      bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31))
    }
  }
  return (row) => {
    const bit = row - firstRow
    return row >= firstRow && row < endRow && (((bits[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1
  }
}

function isInPass(documents: Uint32Array, at: number, pass: Pass): boolean {
  const row = documents[at] ?? 0
  const bucket = documents[at + WANTED_WIDTH - 1] ?? 0
  return (
    row >= pass.firstRow &&
    row < pass.endRow &&
    bucket >= pass.firstBucket &&
    bucket < pass.endBucket
  )
}

/**
 * Verifies one bucket after another. Each writes its decisions to a file of its own, so an
 * interrupted verification resumes with the first bucket that has none.
 */
export async function verifyBuckets(
  run: Run,
  plan: VerifyPlan,
  shingles: readonly string[],
): Promise<string[]> {
  const { storage, baseRows } = run.store
  const { threshold, similarity, hashes } = run.options
  const options = { threshold, similarity, hashes, baseRows }
  const decisions = shingles.map((_, i) => `${run.folder}/decisions/bucket-${i}`)
  const open: number[] = []
  for (const [i, path] of decisions.entries()) if (!(await storage.stat(path))) open.push(i)
  const whole = open.filter((i) => plan.buckets[i]?.lastLeader === undefined)
  const lend = inputMemory(run.pool, Math.floor(run.taskBytes / 8))
  const inputs = async function* () {
    for (const i of whole) {
      run.store.signal.throwIfAborted()
      yield { records: await readWords(storage, shingles[i] ?? '', 0, undefined, lend), ...options }
    }
  }
  let done = 0
  for await (const found of run.pool.map('verifyComponents', inputs())) {
    await save(run, decisions[whole[done++] ?? 0] ?? '', [found])
  }
  for (const i of open) {
    const bucket = plan.buckets[i]
    if (bucket?.lastLeader === undefined) continue
    await save(
      run,
      decisions[i] ?? '',
      await verifyOversized(run, bucket, shingles[i] ?? '', options),
    )
  }
  return decisions
}

/**
 * Compares leaders among themselves first, then all other documents with the kept leaders, in one
 * pass each.
 */
async function verifyOversized(
  run: Run,
  bucket: Bucket,
  path: string,
  options: VerifyOptions,
): Promise<Uint32Array[]> {
  const { storage } = run.store
  const lastLeader = bucket.lastLeader ?? 0
  const leaders: Uint32Array[] = []
  for await (const lists of streamLists(storage, path)) {
    for (const record of recordsIn(lists))
      if (rankOfRecord(record) <= lastLeader) leaders.push(record.slice())
  }
  const among = await run.pool.run('verifyComponents', {
    records: packRecords(leaders),
    ...options,
  })
  const kept = withoutRemoved(leaders, among)
  const inputs = async function* () {
    for await (const records of streamLists(storage, path)) {
      run.store.signal.throwIfAborted()
      yield { records, leaders: kept, lastLeader, ...options }
    }
  }
  const found = [among]
  for await (const decisions of run.pool.map('verifyAgainstLeaders', inputs()))
    found.push(decisions)
  return found
}

/** Records of consecutive lists, including their lengths. */
function* recordsIn(lists: Uint32Array): Iterable<Uint32Array> {
  let at = 0
  for (const { length } of listsIn(lists)) {
    yield lists.subarray(at, at + length + 1)
    at += length + 1
  }
}

async function save(run: Run, path: string, decisions: readonly Uint32Array[]): Promise<void> {
  const file = await createWords(run.store.storage, path)
  for (const words of decisions) file.add(words)
  await file.commit()
}
