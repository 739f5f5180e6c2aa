import { listsIn } from './candidates.ts'
import { type Bucket, MEMBER_WIDTH, planBuckets, type VerifyPlan } from './plan.ts'
import { createWords, readWords, streamLists, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { packRecords, rankOfRecord, type ShingleInput, type VerifyOptions, withoutRemoved } from './verify.ts'

/** Text bytes handed to a thread at once. */
const TEXT_BATCH_BYTES = 4 << 20
/** Buckets filled in one pass over the texts: a file each. */
const BUCKETS_PER_PASS = 256
/** Memory of a verifying task for each byte of text in its bucket: shingle hashes are at most two, and often half. */
const VERIFY_FACTOR = 3

/** Reads the members of components and decides where each is verified. */
export async function planVerification(run: Run, membersPath: string): Promise<VerifyPlan> {
  const members = await readWords(run.store.storage, membersPath)
  return planBuckets(members, run.options, Math.floor(run.taskBytes / VERIFY_FACTOR))
}

/** Reads the texts of all members, in order, and leaves their shingle records bucket by bucket. */
export async function shingleMembers(run: Run, folder: string, plan: VerifyPlan): Promise<string[]> {
  const paths = plan.buckets.map((_, i) => `${folder}/bucket-${i}`)
  const memberOfRow = new Uint32Array(run.store.rows)
  for (let i = 0; i < plan.count; i++) memberOfRow[plan.members[i * MEMBER_WIDTH + 1] ?? 0] = i + 1
  for (let first = 0; first < paths.length; first += BUCKETS_PER_PASS) {
    const some = paths.slice(first, first + BUCKETS_PER_PASS)
    const bucketOfMember = (member: number): number => (plan.bucketOf[member] ?? 0) - first
    const wanted = (row: number): boolean => {
      const member = (memberOfRow[row] ?? 0) - 1
      return member >= 0 && bucketOfMember(member) >= 0 && bucketOfMember(member) < some.length
    }
    await withWordFiles(run.store.storage, some, async (files) => {
      const batches = textBatches(run, wanted, plan, memberOfRow)
      const queue: number[][] = []
      const inputs = async function* () {
        for await (const { input, members } of batches) {
          queue.push(members)
          yield input
        }
      }
      for await (const records of run.pool.map('shingleRecords', inputs())) {
        const members = queue.shift() ?? []
        for (const [i, record] of records.entries()) files[bucketOfMember(members[i] ?? 0)]?.add(record)
        for (const file of files) await file.flush()
      }
    })
  }
  return paths
}

/** The wanted texts in batches for the threads, with the members they belong to. */
async function* textBatches(
  run: Run,
  wanted: (row: number) => boolean,
  plan: VerifyPlan,
  memberOfRow: Uint32Array,
): AsyncIterable<{ input: ShingleInput; members: number[] }> {
  const { shingleWords, signature, hashes } = run.options
  let texts: Uint8Array[] = []
  let members: number[] = []
  let bytes = 0
  const take = () => {
    const batch = new Uint8Array(new SharedArrayBuffer(bytes))
    const ends: number[] = []
    let at = 0
    for (const text of texts) {
      batch.set(text, at)
      at += text.length
      ends.push(at)
    }
    const ranks = members.map((member) => plan.members[member * MEMBER_WIDTH] ?? 0)
    const roots = members.map((member) => plan.members[member * MEMBER_WIDTH + 3] ?? 0)
    const taken = { input: { bytes: batch, ends, ranks, roots, shingleWords, signature, hashes }, members }
    texts = []
    members = []
    bytes = 0
    return taken
  }
  for await (const { row, text } of run.store.texts(wanted)) {
    run.store.signal.throwIfAborted()
    texts.push(text)
    members.push((memberOfRow[row] ?? 0) - 1)
    bytes += text.length
    if (bytes >= TEXT_BATCH_BYTES) yield take()
  }
  if (texts.length > 0) yield take()
}

/**
 * Verifies bucket after bucket. Each leaves its decisions in a file of its own, so that an interrupted verification
 * goes on with the first bucket that has none.
 */
export async function verifyBuckets(run: Run, plan: VerifyPlan, shingles: readonly string[]): Promise<string[]> {
  const { storage, baseRows } = run.store
  const { threshold, similarity, hashes } = run.options
  const options = { threshold, similarity, hashes, baseRows }
  const decisions = shingles.map((_, i) => `${run.folder}/decisions/bucket-${i}`)
  const open: number[] = []
  for (const [i, path] of decisions.entries()) if (!(await storage.stat(path))) open.push(i)
  const whole = open.filter((i) => plan.buckets[i]?.lastLeader === undefined)
  const inputs = async function* () {
    for (const i of whole) {
      run.store.signal.throwIfAborted()
      yield { records: await readWords(storage, shingles[i] ?? ''), ...options }
    }
  }
  let done = 0
  for await (const found of run.pool.map('verifyComponents', inputs())) {
    await save(run, decisions[whole[done++] ?? 0] ?? '', [found])
  }
  for (const i of open) {
    const bucket = plan.buckets[i]
    if (bucket?.lastLeader === undefined) continue
    await save(run, decisions[i] ?? '', await verifyOversized(run, bucket, shingles[i] ?? '', options))
  }
  return decisions
}

/** Leaders among themselves first, then everything else against the leaders that are kept, in one pass each. */
async function verifyOversized(run: Run, bucket: Bucket, path: string, options: VerifyOptions): Promise<Uint32Array[]> {
  const { storage } = run.store
  const lastLeader = bucket.lastLeader ?? 0
  const leaders: Uint32Array[] = []
  for await (const lists of streamLists(storage, path)) {
    for (const record of recordsIn(lists)) if (rankOfRecord(record) <= lastLeader) leaders.push(record.slice())
  }
  const among = await run.pool.run('verifyComponents', { records: packRecords(leaders), ...options })
  const kept = withoutRemoved(leaders, among)
  const inputs = async function* () {
    for await (const records of streamLists(storage, path)) {
      run.store.signal.throwIfAborted()
      yield { records, leaders: kept, lastLeader, ...options }
    }
  }
  const found = [among]
  for await (const decisions of run.pool.map('verifyAgainstLeaders', inputs())) found.push(decisions)
  return found
}

/** Records of a stretch of lists, their lengths included. */
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
