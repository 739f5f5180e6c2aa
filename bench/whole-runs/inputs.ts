// The same text, half English and half Arabic, as a folder of files, as one file of growing size,
// and as one zstd frame.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packZstd } from '../../src/arrow/zstd.ts'
import { shuffled, writeTexts } from '../texts.ts'
import { wordDocuments } from '../tokens/texts.ts'

/** Text in one file of the folder. */
const UNIT_BYTES = 4_000_000

/**
 * Files in the folder: enough text that starting two processes is a small part of a run.
 */
const FILES = 256

/** Files whose text is in the frame. */
const COMPRESSED_FILES = 128

/**
 * Units in the files of growing size. The smallest is one segment: a run on less text never holds
 * as much as it may.
 */
export const SIZES = [4, 16, 64] as const

export interface RunInputs {
  /** Files of one unit each, and the bytes of their texts. */
  readonly folder: { readonly path: string; readonly files: number; readonly bytes: number }
  /** One file of so many units. */
  readonly grown: Readonly<
    Record<(typeof SIZES)[number], { readonly path: string; readonly bytes: number }>
  >
  /** The text of the first half of the folder in one frame. */
  readonly compressed: { readonly path: string; readonly bytes: number }
}

/** Writes the inputs below `cache`; undefined if this Python has no word lists. */
export async function buildRunInputs(
  python: string,
  cache: string,
): Promise<RunInputs | undefined> {
  const english = wordDocuments('en', python)
  const arabic = wordDocuments('ar', python)
  if (!english || !arabic) return undefined
  const folder = join(cache, 'runs/rows')
  rmSync(join(cache, 'runs'), { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = Array.from({ length: FILES }, (_, unit) => {
    const seed = 100 + unit
    const documents = shuffled(
      [...english(seed, UNIT_BYTES / 2), ...arabic(seed, UNIT_BYTES / 2)],
      seed,
    )
    return writeTexts(
      join(folder, `rows-${String(unit).padStart(3, '0')}.jsonl`),
      documents,
      `unit-${unit}`,
    )
  })
  const sizeOf = (units: number): number =>
    files.slice(0, units).reduce((sum, { bytes }) => sum + bytes, 0)
  const grown = Object.fromEntries(
    SIZES.map((size) => {
      const path = join(cache, `runs/grown-${size}.jsonl`)
      for (const [unit, file] of files.slice(0, size).entries()) {
        writeFileSync(path, readFileSync(file.path), { flag: unit === 0 ? 'w' : 'a' })
      }
      return [size, { path, bytes: sizeOf(size) }]
    }),
  ) as RunInputs['grown']
  const compressed = join(cache, 'runs/rows.jsonl.zst')
  const packed = files.slice(0, COMPRESSED_FILES).map(({ path }) => readFileSync(path))
  writeFileSync(compressed, packZstd(Buffer.concat(packed)))
  return {
    folder: { path: folder, files: FILES, bytes: sizeOf(FILES) },
    grown,
    compressed: { path: compressed, bytes: sizeOf(COMPRESSED_FILES) },
  }
}
