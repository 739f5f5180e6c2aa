import { bytesAt } from '../../src/core/batch.ts'
import type { SketchBlock } from '../../src/core/filter.ts'
import { mix32, WORD_PRIME_A, WORD_PRIME_B } from '../../src/kernels/fold.ts'
import { RANK_WIDTH } from './group.ts'
import type { MinhashOptions } from './options.ts'
import { type WordFile, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { DIGEST_WORDS, openSketches, type Sketches } from './sketch.ts'

/** Words of an exact record: digest, row. */
export const EXACT_WIDTH = DIGEST_WORDS + 1
/** Words of a band record: 64 bits of hash, row. */
export const BAND_WIDTH = 3
/** Bytes a grouping task needs for each byte of band records: table, links and lists. */
const GROUPING_FACTOR = 4

/** What the first scan leaves: files of records, and how many documents each source has, earlier corpora first. */
export type Shuffled = {
  readonly ranks: string
  readonly exact: readonly string[]
  readonly bands: readonly string[]
  /** Documents per source: entries 0 … sources − 1 of earlier corpora, then of this one. */
  readonly documents: readonly number[]
}

/** One pass over the sketches: every document's rank record, and its keys scattered over files that fit in memory. */
export async function shuffle(run: Run, folder: string): Promise<Shuffled> {
  const { store, options } = run
  const names = (kind: string, bytes: number): string[] => {
    const count = Math.max(run.pool.size * 2, Math.ceil((bytes * GROUPING_FACTOR) / run.taskBytes))
    return Array.from({ length: count }, (_, i) => `${folder}/${kind}-${i}`)
  }
  const ranks = `${folder}/ranks`
  const exact = names('exact', store.rows * EXACT_WIDTH * 4)
  const bands = names('bands', store.rows * BAND_WIDTH * 4 * options.bands)
  const documents = new Array<number>(store.sources.length * 2).fill(0)
  await withWordFiles(store.storage, [ranks, ...exact, ...bands], async ([rankFile, ...files]) => {
    const scatter = scatterer(options, files.slice(0, exact.length), files.slice(exact.length))
    for await (const block of store.scan()) {
      store.signal.throwIfAborted()
      const sketches = openSketches(block.sketches, block.rows, options.hashes)
      for (let row = 0; row < block.rows; row++) {
        const group = sourceGroup(block, row, store.baseRows)
        const count = group * store.sources.length + (block.source[row] ?? 0)
        documents[count] = (documents[count] ?? 0) + 1
        rankFile?.add(rankRecord(block, row, group))
        scatter(block, sketches, row)
      }
      await rankFile?.flush()
      for (const file of files) await file.flush()
    }
  })
  return { ranks, exact, bands, documents }
}

/** 0 for documents of earlier corpora, which rank first; 1 for the others. */
function sourceGroup(block: SketchBlock, row: number, baseRows: number): 0 | 1 {
  return block.firstRow + row < baseRows ? 0 : 1
}

const rankScratch = new Uint32Array(RANK_WIDTH)

/**
 * What documents are ordered by, as words that compare like it: base, source, longest text, id. Of the id, the first
 * 16 bytes after the source's name, then a hash: enough to be the same order in every run.
 */
function rankRecord(block: SketchBlock, row: number, group: number): Uint32Array {
  const id = bytesAt(block.id, row)
  const key = id.subarray(id.indexOf(0x3a) + 1)
  rankScratch[0] = (group << 16) | (block.source[row] ?? 0)
  rankScratch[1] = ~(block.bytes[row] ?? 0)
  for (let word = 0; word < 4; word++) {
    let value = 0
    for (let byte = 0; byte < 4; byte++) value = (value << 8) | (key[word * 4 + byte] ?? 0)
    rankScratch[2 + word] = value
  }
  rankScratch[6] = hashBytes(id, WORD_PRIME_A)
  rankScratch[7] = hashBytes(id, WORD_PRIME_B)
  rankScratch[8] = block.firstRow + row
  return rankScratch
}

function hashBytes(bytes: Uint8Array, prime: number): number {
  let hash = bytes.length
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), prime)
  return mix32(hash)
}

function scatterer(options: MinhashOptions, exact: readonly WordFile[], bands: readonly WordFile[]) {
  const exactRecord = new Uint32Array(EXACT_WIDTH)
  const bandRecord = new Uint32Array(BAND_WIDTH)
  return (block: SketchBlock, sketches: Sketches, row: number): void => {
    const scope = scopeOf(block, row, options.scope)
    sketches.digest(row, exactRecord)
    exactRecord[0] = mix32((exactRecord[0] ?? 0) ^ scope)
    exactRecord[EXACT_WIDTH - 1] = block.firstRow + row
    fileFor(exact, exactRecord[0])?.add(exactRecord)
    if (sketches.shingles(row) === 0) return
    const lanes = sketches.lanes(row)
    bandRecord[BAND_WIDTH - 1] = block.firstRow + row
    for (let band = 0; band < options.bands; band++) {
      hashBand(lanes, band, options.rows, scope, bandRecord)
      fileFor(bands, bandRecord[0] ?? 0)?.add(bandRecord)
    }
  }
}

/** Files take equal stretches of the hash, so that inside one the other words stay uniform. */
function fileFor(files: readonly WordFile[], hash: number): WordFile | undefined {
  return files[Math.floor((hash * files.length) / 2 ** 32)]
}

/** A number that is the same for documents that may be compared. */
function scopeOf(block: SketchBlock, row: number, scope: MinhashOptions['scope']): number {
  if (scope === 'global') return 0
  if (scope === 'source') return mix32((block.source[row] ?? 0) + 1)
  return hashBytes(Buffer.from(block.lang[row] ?? ''), WORD_PRIME_B)
}

function hashBand(lanes: Uint16Array, band: number, rows: number, scope: number, out: Uint32Array): void {
  let a = mix32(scope ^ (band + 1))
  let b = mix32(a ^ WORD_PRIME_B)
  for (let i = band * rows; i < (band + 1) * rows; i++) {
    a = Math.imul(a ^ (lanes[i] ?? 0), WORD_PRIME_A)
    b = Math.imul(((b << 7) | (b >>> 25)) ^ (lanes[i] ?? 0), WORD_PRIME_B)
  }
  out[0] = mix32(a ^ b)
  out[1] = mix32(b)
}
