// The same text, half English and half Arabic, as a folder of files, as one file of growing size, and as one zstd frame.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compress, init } from '@bokuweb/zstd-wasm'
import { shuffled, writeTexts } from '../texts.ts'
import { wordDocuments } from '../tokens/texts.ts'

/** Text in one file of the folder: the smallest input of the three sizes. */
const UNIT_BYTES = 4_000_000

export const SIZES = [1, 4, 16] as const

export interface RunInputs {
  /** Files of one unit each, 16 of them. */
  readonly folder: string
  /** One file of so many units. */
  readonly grown: Readonly<Record<(typeof SIZES)[number], string>>
  /** All units in one frame. */
  readonly compressed: string
  /** Text of one unit. */
  readonly unitBytes: number
}

/** Writes the inputs below `cache`; undefined where this Python has no word lists. */
export async function buildRunInputs(python: string, cache: string): Promise<RunInputs | undefined> {
  const english = wordDocuments('en', python)
  const arabic = wordDocuments('ar', python)
  if (!english || !arabic) return undefined
  const folder = join(cache, 'runs/rows')
  rmSync(join(cache, 'runs'), { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = Array.from({ length: 16 }, (_, unit) => {
    const seed = 100 + unit
    const documents = shuffled([...english(seed, UNIT_BYTES / 2), ...arabic(seed, UNIT_BYTES / 2)], seed)
    return writeTexts(join(folder, `rows-${String(unit).padStart(2, '0')}.jsonl`), documents, `unit-${unit}`)
  })
  const grown = Object.fromEntries(
    SIZES.map((size) => {
      const path = join(cache, `runs/rows-${size}x.jsonl`)
      writeFileSync(path, Buffer.concat(files.slice(0, size).map((file) => readFileSync(file.path))))
      return [size, path]
    }),
  ) as Record<(typeof SIZES)[number], string>
  await init()
  const compressed = `${grown[16]}.zst`
  writeFileSync(compressed, compress(readFileSync(grown[16]), 3))
  return { folder, grown, compressed, unitBytes: files.reduce((sum, { bytes }) => sum + bytes, 0) / files.length }
}
