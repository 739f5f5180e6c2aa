import { mix32, WORD_PRIME_A, WORD_PRIME_B } from '../../src/kernels/fold.ts'
import { NO_RANK } from './exact.ts'
import { partFor, partPaths } from './parts.ts'
import { scopeOf } from './rank.ts'
import { readWords, withWordFiles } from './records.ts'
import type { Run } from './run.ts'
import { packedWords, packLanes } from './similarity.ts'
import { openSketches } from './sketch.ts'
import { type WindowFiles, windowFiles, windowOf } from './windows.ts'

/** Words of a band record: 64 bits of hash, rank. */
export const BAND_WIDTH = 3

/** Words of a signature record: rank, shingles, one byte a lane. */
export function signatureWidth(lanes: number): number {
  return 2 + packedWords(lanes)
}

/** What the second scan leaves: band records scattered by hash, signatures by rank. */
export type Bands = { readonly bands: readonly string[]; readonly signatures: WindowFiles }

/** One pass over the sketches of what is left: every document's bands, and its signature. */
export async function scatterBands(run: Run, folder: string, rankOfRow: string): Promise<Bands> {
  const { store, options } = run
  const width = signatureWidth(options.hashes)
  const bands = partPaths(run, `${folder}/bands`, store.rows * BAND_WIDTH * 4 * options.bands)
  const signatures = windowFiles(`${folder}/signatures`, store.rows, width * 4, run.taskBytes)
  await withWordFiles(store.storage, [...bands, ...signatures.paths], run.taskBytes, async (files) => {
    const bandFiles = files.slice(0, bands.length)
    const signatureFiles = files.slice(bands.length)
    const band = new Uint32Array(BAND_WIDTH)
    const signature = new Uint32Array(width)
    for await (const block of store.scan()) {
      store.signal.throwIfAborted()
      const ranks = await readWords(store.storage, rankOfRow, block.firstRow, block.rows)
      const sketches = openSketches(block.sketches, block.rows, options.hashes)
      for (let row = 0; row < block.rows; row++) {
        const rank = ranks[row] ?? NO_RANK
        const shingles = sketches.shingles(row)
        if (rank === NO_RANK || shingles === 0) continue
        const lanes = sketches.lanes(row)
        signature[0] = rank
        signature[1] = shingles
        packLanes(lanes, signature, 2)
        signatureFiles[windowOf(signatures, rank)]?.add(signature)
        const scope = scopeOf(block, row, options.scope)
        band[BAND_WIDTH - 1] = rank
        for (let number = 0; number < options.bands; number++) {
          hashBand(lanes, number, options.rows, scope, band)
          partFor(bandFiles, band[0] ?? 0)?.add(band)
        }
      }
      for (const file of files) await file.flush()
    }
  })
  return { bands, signatures }
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
