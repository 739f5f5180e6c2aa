import { join } from 'node:path'
import { readArrowFile } from '../arrow/reader.ts'
import { bytesAt, type TextColumn, textAt } from '../core/batch.ts'
import type { ShardInfo } from '../core/report.ts'
import type { Storage } from '../core/storage.ts'
import { SPACE } from './bpe-train.ts'

/**
 * Classes that a vocabulary should serve equally well. Text in other languages is only used if
 * there is none of these.
 */
const CLASSES = ['ar', 'en', 'code'] as const
type SampleClass = (typeof CLASSES)[number] | 'other'

/** The class of a document for sampling and for the fertility table. */
export function classOf(kind: string, lang: string): SampleClass {
  if (kind === 'code') return 'code'
  return lang === 'ar' || lang === 'en' ? lang : 'other'
}

/** If the training split is larger than this, only every n-th record batch is read. */
const READ_BYTES = 4 * 2 ** 30

/**
 * Samples texts of the train split: the same number of bytes of each class, taken from the
 * documents whose ids have the lowest hashes. The same corpus gives the same sample, and growth of
 * the corpus changes the sample little.
 */
export async function sampleTexts(
  storage: Storage,
  corpus: string,
  shards: readonly ShardInfo[],
  sampleBytes: number,
): Promise<string[]> {
  const train = shards.filter(({ split }) => split === 'train')
  const total = train.reduce((sum, { bytes }) => sum + bytes, 0)
  const stride = Math.max(1, Math.ceil(total / READ_BYTES))
  const reservoirs = new Map<SampleClass, Reservoir>()
  let batches = 0
  for (const { path } of train) {
    for await (const { rows, columns } of readArrowFile(storage, join(corpus, path))) {
      if (batches++ % stride !== 0) continue
      const column = (name: string) => columns[name] as TextColumn
      for (let row = 0; row < rows; row++) {
        const name = classOf(textAt(column('kind'), row), textAt(column('lang'), row))
        const reservoir = reservoirs.get(name) ?? lowestHashes(sampleBytes / CLASSES.length)
        reservoirs.set(name, reservoir)
        reservoir.offer(hash(bytesAt(column('id'), row)), column('text'), row)
      }
    }
  }
  const wanted = CLASSES.flatMap((name) => reservoirs.get(name)?.texts() ?? [])
  return wanted.length > 0 ? wanted : (reservoirs.get('other')?.texts() ?? [])
}

interface Reservoir {
  offer(hash: number, column: TextColumn, row: number): void
  texts(): string[]
}

/** Keeps the texts with the lowest hashes, as many as fit into `limit` bytes. */
function lowestHashes(limit: number): Reservoir {
  let kept: { hash: number; text: string; bytes: number }[] = []
  let bytes = 0
  let ceiling = Number.POSITIVE_INFINITY
  const cut = (): void => {
    kept.sort((a, b) => a.hash - b.hash || (a.text < b.text ? -1 : 1))
    bytes = 0
    for (const [index, entry] of kept.entries()) {
      if (index > 0 && bytes + entry.bytes > limit) {
        ceiling = entry.hash
        kept = kept.slice(0, index)
        break
      }
      bytes += entry.bytes
    }
  }
  return {
    offer(hash, column, row) {
      if (hash >= ceiling) return
      const size = (column.offsets[row + 1] ?? 0) - (column.offsets[row] ?? 0)
      kept.push({ hash, text: textAt(column, row), bytes: size })
      bytes += size
      if (bytes > limit * 2) cut()
    },
    texts() {
      cut()
      return kept.map(({ text }) => text)
    },
  }
}

/** FNV-1a with a final mix, as a number from 0 up to 2^32. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  return (value ^ (value >>> 13)) >>> 0
}

const WORD = /\u2581*(?:[\p{L}\p{M}\u0640]+|\p{Nd}|[^\p{L}\p{M}\p{Nd}\u0640\u2581]+)|\u2581+/gu

/**
 * Counts the stretches of text that a piece may cover: white space and what follows it, split where
 * letters, digits and other characters meet. No piece crosses these borders, so splitting here only
 * saves time.
 */
export function countWords(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) {
    // A literal U+2581 in a text is not a space and never part of a piece.
    for (const [word] of text.replaceAll(SPACE, '').replaceAll(' ', SPACE).matchAll(WORD)) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  return counts
}
