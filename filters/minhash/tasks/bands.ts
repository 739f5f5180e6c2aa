import {
  BAND_WIDTH,
  type BandedDocuments,
  bandWriter,
  signatureWidth,
} from '../../../src/kernels/bands/bands.ts'
import { scratchWords } from '../files/records.ts'
import { type Scattered, scatterByWindow } from '../files/scatter.ts'
import { hashWindows, type Windows } from '../files/windows.ts'
import { sketchShape } from '../sketch.ts'

export interface BandInput extends BandedDocuments {
  readonly lanes: number
  readonly bands: number
  readonly rows: number
  /** Target files of band records. */
  readonly parts: number
  /** Target windows of signature records. */
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
