import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createArrowFile } from '../arrow/writer.ts'
import { textColumn } from '../core/batch.ts'
import type { TokenManifest } from '../core/tokens.ts'
import { SHARD_COLUMNS } from '../engine/publish/shard-columns.ts'
import { writeJson } from '../engine/segments/work-folder.ts'
import { localStorage } from '../files/local-storage.ts'
import { tokenize } from '../tokenizer/tokenize.ts'

/** A document of a corpus made for a test. */
export interface CorpusText {
  readonly text: string
  readonly lang: string
  readonly kind: 'prose' | 'code'
  readonly split: 'train' | 'eval' | 'test'
}

/** Arabic and English sentences and some code, put together from word lists by a fixed rule. */
export function sampleCorpusTexts(documents = 60): CorpusText[] {
  const english =
    'the galaxy turns slowly around its bright centre while distant stars collapse into dense cold remnants'.split(
      ' ',
    )
  const arabic =
    'تدور المجرة ببطء حول مركزها اللامع بينما تنهار النجوم البعيدة إلى بقايا كثيفة باردة في الفضاء الواسع'.split(
      ' ',
    )
  const sentence = (words: readonly string[], seed: number): string =>
    Array.from(
      { length: 40 },
      (_, at) => words[(seed * 7 + at * (seed % 5) + at * at) % words.length],
    ).join(' ')
  return Array.from({ length: documents }, (_, index): CorpusText => {
    const split = index % 10 === 8 ? 'eval' : index % 10 === 9 ? 'test' : 'train'
    if (index % 3 === 0)
      return { text: `${sentence(arabic, index)}.`, lang: 'ar', kind: 'prose', split }
    if (index % 3 === 1)
      return { text: `${sentence(english, index)}.`, lang: 'en', kind: 'prose', split }
    return {
      text: `def f${index}(x):\n    return x * ${index} + ${index % 7}\n`.repeat(4),
      lang: 'python',
      kind: 'code',
      split,
    }
  })
}

/** Publishes texts as a corpus in a temporary folder, one shard per split. Returns the folder. */
export async function writeTestCorpus(texts: readonly CorpusText[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'etl-corpus-'))
  const storage = localStorage()
  const shards = []
  for (const split of ['train', 'eval', 'test'] as const) {
    const own = texts.filter((one) => one.split === split)
    if (own.length === 0) continue
    const path = `${split}/${split}-00000-of-00001.arrow`
    const file = await createArrowFile(storage, join(folder, path), {
      columns: SHARD_COLUMNS,
      compression: 'zstd',
    })
    const values: Readonly<Record<string, (one: CorpusText, index: number) => string>> = {
      id: (_, index) => `test:${split}-${index}`,
      text: ({ text }) => text,
      source: () => 'test',
      kind: ({ kind }) => kind,
      lang: ({ lang }) => lang,
    }
    const columns = SHARD_COLUMNS.map(({ name, type }) => [
      name,
      type === 'utf8'
        ? textColumn(own.map((one, index) => values[name]?.(one, index) ?? ''))
        : new Float32Array(own.length),
    ])
    await file.write(own.length, Object.fromEntries(columns))
    shards.push({ path, split, ...(await file.commit()) })
  }
  await writeJson(storage, join(folder, 'corpus.json'), {
    name: 'test',
    fingerprint: 'test',
    shards,
    files: [],
  })
  return folder
}

/** Tokenizes a corpus on this thread. Returns the folder of its tokens and their manifest. */
export async function tokenizeTestCorpus(
  corpus: string,
): Promise<{ folder: string; manifest: TokenManifest }> {
  const manifest = await tokenize({
    storage: localStorage(),
    corpus,
    name: 'bpe',
    sampleBytes: 1 << 20,
    vocabulary: 700,
    workers: 1,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  })
  return { folder: join(corpus, 'tokens', 'bpe'), manifest }
}
