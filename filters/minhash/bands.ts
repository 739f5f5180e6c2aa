import { mix32, WORD_PRIME_A, WORD_PRIME_B } from '../../src/kernels/fold.ts'
import { NO_RANK } from './exact.ts'
import { partOf, partPaths } from './parts.ts'
import { inputBytes, openWords, scratchWords, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { scopesOf } from './scan.ts'
import { addScattered, type Scattered, scatterByWindow, scatterRecords } from './scatter.ts'
import { packedWords, packLanes } from './similarity.ts'
import { openSketches } from './sketch.ts'
import { type WindowFiles, type Windows, windowFiles, windowsOf } from './windows.ts'

/** Words of a band record: 64 bits of hash, rank. */
export const BAND_WIDTH = 3

/** Words of a signature record: rank, shingles, one byte a lane. */
export function signatureWidth(lanes: number): number {
  return 2 + packedWords(lanes)
}

export interface BandInput {
  /** Of consecutive documents, as the store has them. */
  readonly sketches: Uint8Array
  /** Ranks of the documents, `NO_RANK` for those that are out; and what tells apart those not to be compared. */
  readonly ranks: Uint32Array
  readonly scopes: Uint32Array
  readonly lanes: number
  readonly bands: number
  readonly rows: number
  /** Files that band records go to. */
  readonly parts: number
  /** What signature records go to. */
  readonly windows: Windows
}

const signatureMemory = scratchWords()
const bandMemory = scratchWords()

/** Signature records of some documents, scattered by rank, and their band records, scattered by hash. */
export function bandRecords(input: BandInput): [signatures: Scattered, bands: Scattered] {
  const { ranks, scopes, lanes, parts, windows } = input
  const width = signatureWidth(lanes)
  const sketches = openSketches(input.sketches, ranks.length, lanes)
  const signatures = signatureMemory(ranks.length * width)
  const records = bandMemory(ranks.length * input.bands * BAND_WIDTH)
  let signed = 0
  let banded = 0
  for (let row = 0; row < ranks.length; row++) {
    const shingles = sketches.shingles(row)
    if (ranks[row] === NO_RANK || shingles === 0) continue
    const signature = sketches.lanes(row)
    signatures[signed] = ranks[row] ?? 0
    signatures[signed + 1] = shingles
    packLanes(signature, signatures, signed + 2)
    signed += width
    for (let band = 0; band < input.bands; band++) {
      hashBand(signature, band, input.rows, scopes[row] ?? 0, records, banded)
      records[banded + 2] = ranks[row] ?? 0
      banded += BAND_WIDTH
    }
  }
  return [
    scatterByWindow(signatures.subarray(0, signed), width, 0, windows),
    scatterRecords(records.subarray(0, banded), BAND_WIDTH, parts, (at) => partOf(parts, records[at] ?? 0)),
  ]
}

function hashBand(lanes: Uint16Array, band: number, rows: number, scope: number, out: Uint32Array, at: number): void {
  let a = mix32(scope ^ (band + 1))
  let b = mix32(a ^ WORD_PRIME_B)
  for (let i = band * rows; i < (band + 1) * rows; i++) {
    a = Math.imul(a ^ (lanes[i] ?? 0), WORD_PRIME_A)
    b = Math.imul(((b << 7) | (b >>> 25)) ^ (lanes[i] ?? 0), WORD_PRIME_B)
  }
  out[at] = mix32(a ^ b)
  out[at + 1] = mix32(b)
}

/** What the second scan leaves: band records scattered by hash, signatures by rank. */
export type Bands = { readonly bands: readonly string[]; readonly signatures: WindowFiles }

/** One pass over the sketches of what is left: every document's bands, and its signature. */
export async function scatterBands(run: Run, folder: string, rankOfRow: string): Promise<Bands> {
  const { store, options } = run
  const width = signatureWidth(options.hashes)
  const bands = partPaths(run, `${folder}/bands`, store.rows * BAND_WIDTH * 4 * options.bands)
  const signatures = windowFiles(`${folder}/signatures`, store.rows, width * 4, run.taskBytes)
  const windows = windowsOf(signatures)
  const share = inputBytes(run.pool)
  const rankFile = await openWords(store.storage, rankOfRow)
  const inputs = async function* (): AsyncIterable<BandInput> {
    const { hashes: lanes, bands: count, rows } = options
    for await (const block of store.scan()) {
      store.signal.throwIfAborted()
      const ranks = await rankFile.read(block.firstRow, block.rows)
      const scopes = scopesOf(block, options.scope)
      const sketches = share(block.sketches)
      yield { sketches, ranks, scopes, lanes, bands: count, rows, parts: bands.length, windows }
    }
  }
  try {
    await withWordFiles(store.storage, [...bands, ...signatures.paths], run.taskBytes, async (files) => {
      for await (const [signed, banded] of run.pool.map('bandRecords', inputs())) {
        await addScattered(files.slice(0, bands.length), banded)
        await addScattered(files.slice(bands.length), signed)
      }
    })
  } finally {
    await rankFile.close()
  }
  return { bands, signatures }
}
