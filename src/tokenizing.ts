import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { EtlError } from './core/errors.ts'
import type { TokenManifest } from './core/tokens.ts'
import { localStorage } from './files/local-storage.ts'
import { TOKENIZER_SCRIPT } from './package.ts'
import type { FertilityRow } from './tokenizer/fertility.ts'
import type { TokenizeOptions } from './tokenizer/tokenize.ts'

/** From a corpus to token shards. */

export interface TokenizeCorpusOptions
  extends Partial<
    Pick<
      TokenizeOptions,
      'name' | 'tokenizer' | 'vocabulary' | 'sampleBytes' | 'python' | 'workers'
    >
  > {
  readonly signal?: AbortSignal
  readonly onEvent?: TokenizeOptions['onEvent']
}

/** Learns a vocabulary from a corpus, or takes a given one, and writes its token shards. */
export async function tokenizeCorpus(
  corpus: string,
  options: TokenizeCorpusOptions = {},
): Promise<{ readonly manifest: TokenManifest; readonly fertility: readonly FertilityRow[] }> {
  const { tokenize } = await import('./tokenizer/tokenize.ts')
  const { fertilityOf } = await import('./tokenizer/fertility.ts')
  const { signal, onEvent, ...rest } = options
  const manifest = await tokenize({
    name: 'bpe',
    sampleBytes: 64 << 20,
    workers: availableParallelism(),
    ...rest,
    storage: localStorage(),
    corpus: resolve(corpus),
    workerScript: TOKENIZER_SCRIPT,
    signal: signal ?? new AbortController().signal,
    onEvent: onEvent ?? (() => undefined),
  })
  return { manifest, fertility: fertilityOf(manifest) }
}

/** Writes token shards also in the format of another trainer. Returns the paths written. */
export async function writeTokens(folder: string, format: string): Promise<string[]> {
  const { TOKEN_FORMATS, writeTokenFormat } = await import('./tokenizer/formats.ts')
  const { readTokenManifest } = await import('./arrow/token-file.ts')
  const known = TOKEN_FORMATS.find((name) => name === format)
  if (!known) {
    const what = `there is no token format "${format}"`
    throw new EtlError('component-unknown', {
      what,
      hint: `Known formats: ${TOKEN_FORMATS.join(', ')}.`,
    })
  }
  const storage = localStorage()
  return writeTokenFormat(
    storage,
    resolve(folder),
    await readTokenManifest(storage, resolve(folder)),
    known,
  )
}
