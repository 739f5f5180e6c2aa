import { type Candidates, listsIn, NOT_CANDIDATE, numberCandidates } from './candidates.ts'
import { join, rootOf, type SignatureBlock } from './link.ts'
import { createWords, readWords, sharedWords, streamLists, streamRecords, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { packedWords, packLanes } from './similarity.ts'
import { openSketches } from './sketch.ts'

/** Words of a signature record before the signature: candidate, row, bytes of text, shingles. */
const HEAD = 4

/**
 * Joins candidates whose signatures agree into components. Signatures are held in blocks that fit in memory; with
 * more than one, every pair of blocks has its turn. Leaves the members of all components of two or more.
 */
export async function findComponents(run: Run, folder: string, bucketPaths: readonly string[], rankPath: string) {
  const candidates = await numberCandidates(run, bucketPaths)
  const blocks = await writeSignatures(run, folder, candidates, rankPath)
  const parent = sharedWords(candidates.count)
  for (let i = 0; i < parent.length; i++) parent[i] = i
  for (const [i, first] of blocks.entries()) {
    const a = await loadBlock(run, first)
    for (const second of blocks.slice(i)) {
      const b = second === first ? a : await loadBlock(run, second)
      await linkBlocks(run, bucketPaths, candidates, parent, a, b)
    }
  }
  const members = await writeMembers(run, folder, candidates, blocks, parent)
  for (const { path } of blocks) await run.store.storage.remove(path)
  return members
}

interface BlockFile {
  readonly path: string
  readonly first: number
  readonly count: number
}

/** The second scan: signatures, one byte a lane, of the candidates. */
async function writeSignatures(
  run: Run,
  folder: string,
  candidates: Candidates,
  rankPath: string,
): Promise<BlockFile[]> {
  const { store, options } = run
  const rankOf = await readWords(store.storage, rankPath)
  const width = HEAD + packedWords(options.hashes)
  // Two blocks are in memory at a time, shared by all threads: together they may take what one task of each may.
  const perBlock = Math.max(1, Math.floor((run.taskBytes * run.pool.size) / (2 * width * 4)))
  const blocks = Array.from({ length: Math.ceil(candidates.count / perBlock) }, (_, i) => ({
    path: `${folder}/signatures-${i}`,
    first: i * perBlock,
    count: Math.min(perBlock, candidates.count - i * perBlock),
  }))
  const record = new Uint32Array(width)
  await withWordFiles(
    store.storage,
    blocks.map(({ path }) => path),
    async (files) => {
      for await (const block of store.scan()) {
        store.signal.throwIfAborted()
        const sketches = openSketches(block.sketches, block.rows, options.hashes)
        for (let row = 0; row < block.rows; row++) {
          const candidate = candidates.numberOf[rankOf[block.firstRow + row] ?? 0] ?? NOT_CANDIDATE
          if (candidate === NOT_CANDIDATE) continue
          record.set([candidate, block.firstRow + row, block.bytes[row] ?? 0, sketches.shingles(row)])
          packLanes(sketches.lanes(row), record, HEAD)
          files[Math.floor(candidate / perBlock)]?.add(record)
        }
        for (const file of files) await file.flush()
      }
    },
  )
  return blocks
}

async function loadBlock(run: Run, { path, first, count }: BlockFile): Promise<SignatureBlock> {
  const words = packedWords(run.options.hashes)
  const packed = sharedWords(count * words)
  const shingles = sharedWords(count)
  for await (const records of streamRecords(run.store.storage, path, HEAD + words)) {
    for (let at = 0; at < records.length; at += HEAD + words) {
      const index = (records[at] ?? 0) - first
      shingles[index] = records[at + 3] ?? 0
      packed.set(records.subarray(at + HEAD, at + HEAD + words), index * words)
    }
  }
  return { first, count, packed, shingles }
}

async function linkBlocks(
  run: Run,
  bucketPaths: readonly string[],
  { numberOf, baseCount }: Candidates,
  parent: Uint32Array,
  a: SignatureBlock,
  b: SignatureBlock,
): Promise<void> {
  const { store, options } = run
  const inputs = async function* () {
    for (const path of bucketPaths) {
      for await (const lists of streamLists(store.storage, path)) {
        store.signal.throwIfAborted()
        for (const list of listsIn(lists)) for (const [i, rank] of list.entries()) list[i] = numberOf[rank] ?? 0
        const { hashes: lanes, threshold, similarity } = options
        yield { lists, a, b, lanes, parent, threshold, similarity, baseCandidates: baseCount }
      }
    }
  }
  for await (const pairs of run.pool.map('linkCandidates', inputs())) {
    for (let at = 0; at < pairs.length; at += 2) join(parent, pairs[at] ?? 0, pairs[at + 1] ?? 0)
  }
}

async function writeMembers(
  run: Run,
  folder: string,
  { count, numberOf }: Candidates,
  blocks: readonly BlockFile[],
  parent: Uint32Array,
): Promise<string> {
  const { storage, rows } = run.store
  const rankOfCandidate = new Uint32Array(count)
  for (let rank = 0; rank < rows; rank++) {
    const candidate = numberOf[rank] ?? NOT_CANDIDATE
    if (candidate !== NOT_CANDIDATE) rankOfCandidate[candidate] = rank
  }
  const sizes = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    const root = rootOf(parent, i)
    sizes[root] = (sizes[root] ?? 0) + 1
  }
  const file = await createWords(storage, `${folder}/members`)
  const width = HEAD + packedWords(run.options.hashes)
  for (const block of blocks) {
    const members = new Uint32Array(block.count * 2)
    for await (const records of streamRecords(storage, block.path, width)) {
      for (let at = 0; at < records.length; at += width) {
        members.set(records.subarray(at + 1, at + 3), 2 * ((records[at] ?? 0) - block.first))
      }
    }
    for (let i = 0; i < block.count; i++) {
      const root = rootOf(parent, block.first + i)
      if ((sizes[root] ?? 0) < 2) continue
      const rank = rankOfCandidate[block.first + i] ?? 0
      file.add(Uint32Array.of(rank, members[2 * i] ?? 0, members[2 * i + 1] ?? 0, rankOfCandidate[root] ?? 0))
      await file.flush()
    }
  }
  await file.commit()
  return file.path
}
