import { BAND_WIDTH, signatureWidth } from '../../../src/kernels/bands/bands.ts'
import { inputBytes, openWords, withWordFiles } from '../files/records.ts'
import { addScattered } from '../files/scatter.ts'
import { type WindowFiles, windowFiles, windowsOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import type { BandInput } from '../tasks/bands.ts'
import { scopesOf } from '../tasks/scan.ts'
import { partPaths } from './parts.ts'

/** Files of the second scan: band records scattered by hash, signatures by rank. */
export type Bands = { readonly bands: readonly string[]; readonly signatures: WindowFiles }

/** One pass over the sketches of the remaining documents: the bands and the signature of each. */
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
    await withWordFiles(
      store.storage,
      [...bands, ...signatures.paths],
      run.taskBytes,
      async (files) => {
        for await (const [signed, banded] of run.pool.map('bandRecords', inputs())) {
          await addScattered(files.slice(0, bands.length), banded)
          await addScattered(files.slice(bands.length), signed)
        }
      },
    )
  } finally {
    await rankFile.close()
  }
  return { bands, signatures }
}
