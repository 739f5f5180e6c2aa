import {
  BAND_WIDTH,
  type BandedDocuments,
  bandWriter,
  signatureWidth,
} from '../../../src/kernels/bands/bands.ts'
import { inputBytes, openWords, scratchWords, withWordFiles } from '../files/records.ts'
import { addScattered, type Scattered, scatterByWindow } from '../files/scatter.ts'
import { type WindowFiles, type Windows, windowFiles, windowsOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { sketchShape } from '../sketch.ts'
import { hashWindows, partPaths } from './parts.ts'
import { scopesOf } from './scan.ts'

export interface BandInput extends BandedDocuments {
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
const scatteredSignatures = scratchWords()
const scatteredBands = scratchWords()

/**
 * Signature records of some documents, scattered by rank, and their band records, scattered by
 * hash.
 */
export function bandRecords(input: BandInput): [signatures: Scattered, bands: Scattered] {
  const { ranks, lanes, bands, rows, parts, windows } = input
  const width = signatureWidth(lanes)
  const signatures = signatureMemory(ranks.length * width)
  const records = bandMemory(ranks.length * bands * BAND_WIDTH)
  const written = bandWriter({ ...sketchShape(lanes), bands, rows })(input, signatures, records)
  return [
    scatterByWindow(
      signatures.subarray(0, written * width),
      width,
      0,
      windows,
      scatteredSignatures,
    ),
    scatterByWindow(
      records.subarray(0, written * bands * BAND_WIDTH),
      BAND_WIDTH,
      0,
      hashWindows(parts),
      scatteredBands,
    ),
  ]
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
