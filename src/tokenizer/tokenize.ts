import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { canonicalJson } from '../core/canonical-json.ts'
import { EtlError } from '../core/errors.ts'
import type { ShardInfo } from '../core/report.ts'
import type { Storage } from '../core/storage.ts'
import {
  TOKENS_NAME,
  type TokenGroup,
  type TokenManifest,
  type TokenShard,
} from '../core/tokens.ts'
import { type CorpusInfo, readCorpus } from '../engine/corpus/browse.ts'
import { readJson, writeJson, writeText } from '../engine/segments/work-folder.ts'
import { encoderPool } from './encoder-pool.ts'
import { fertilityOf } from './fertility.ts'
import { writeHuggingFace } from './huggingface.ts'
import { learnEmbedded, learnWithSentencePiece, vocabularySize } from './learn.ts'
import { sampleTexts } from './sample.ts'
import { writeSentencePiece } from './sentencepiece.ts'
import { contentHash } from './state.ts'
import { readVocabulary } from './tokenizer.ts'
import { type Vocabulary, vocabularyHash } from './vocabulary.ts'

/** Progress of `tokenize`. */
export type TokenizeEvent =
  | { readonly type: 'phase'; readonly phase: 'sample' | 'learn' | 'encode' }
  | { readonly type: 'vocabulary'; readonly size: number; readonly from: string }
  | {
      readonly type: 'progress'
      readonly done: number
      readonly total: number
      readonly tokens: number
    }

/** What to tokenize, and with which vocabulary. */
export interface TokenizeOptions {
  readonly storage: Storage
  /** Absolute folder of a published corpus. */
  readonly corpus: string
  /** Name of the output folder below `tokens/`. */
  readonly name: string
  /**
   * A `.model`, a `tokenizer.json` or a folder to use instead of learning. By default the
   * vocabulary already in the output folder is used, if there is one.
   */
  readonly tokenizer?: string
  /** Number of ids to learn; chosen by the size of the sample by default. */
  readonly vocabulary?: number
  /** Bytes of text to learn from. */
  readonly sampleBytes: number
  /**
   * Python interpreter with SentencePiece to learn with. The embedded trainer is used by default,
   * or if this Python lacks SentencePiece.
   */
  readonly python?: string
  readonly workers: number
  /** Compiled entry script of the worker threads. Without it everything runs on this thread. */
  readonly workerScript?: string
  readonly signal: AbortSignal
  readonly onEvent: (event: TokenizeEvent) => void
}

/**
 * Learns or reads a vocabulary and writes token shards of every split. Shards finished by an
 * earlier call are kept. Throws `corpus-missing`, `corpus-invalid` or `interrupted`.
 */
export async function tokenize(options: TokenizeOptions): Promise<TokenManifest> {
  const { storage, corpus, name } = options
  if (!TOKENS_NAME.test(name)) {
    throw new EtlError('usage', {
      where: `--name ${name}`,
      what: 'not a name: it becomes a folder below tokens/',
      hint: 'Use letters, digits, `.`, `_` and `-`, such as `bpe-32k`.',
    })
  }
  const info = await readCorpus(storage, corpus)
  const output = join(corpus, 'tokens', name)
  const vocabulary = await settleVocabulary(options, info, output)
  options.onEvent({ type: 'phase', phase: 'encode' })
  const facts = await encodeAll(options, info, output, vocabulary)
  const manifest = manifestOf(vocabulary, info, facts)
  await writeJson(storage, join(output, 'fertility.json'), fertilityOf(manifest))
  await writeJson(storage, join(output, 'manifest.json'), manifest)
  await removeOthers(storage, output, manifest)
  return manifest
}

/**
 * Returns the given vocabulary, or the one of an earlier call, or a new one, and writes its files
 * to the output folder.
 */
async function settleVocabulary(
  options: TokenizeOptions,
  info: CorpusInfo,
  output: string,
): Promise<Vocabulary> {
  const { storage } = options
  const model = join(output, 'tokenizer.model')
  if (options.tokenizer === undefined && (await storage.stat(model))) {
    const vocabulary = await readVocabulary(model)
    options.onEvent({ type: 'vocabulary', size: vocabulary.pieces.length, from: model })
    return vocabulary
  }
  const vocabulary = options.tokenizer
    ? await readVocabulary(options.tokenizer)
    : await learn(options, info)
  await storage.remove(join(output, 'manifest.json'))
  await writeText(storage, join(output, 'tokenizer.json'), writeHuggingFace(vocabulary))
  // A SentencePiece model cannot express merges in an order other than that of the scores.
  if (!vocabulary.merges) {
    const file = await storage.create(model)
    await file.write(writeSentencePiece(vocabulary))
    await file.commit()
  } else await storage.remove(model)
  const from = options.tokenizer ?? 'learned'
  options.onEvent({ type: 'vocabulary', size: vocabulary.pieces.length, from })
  return vocabulary
}

async function learn(options: TokenizeOptions, info: CorpusInfo): Promise<Vocabulary> {
  options.onEvent({ type: 'phase', phase: 'sample' })
  const texts = await sampleTexts(options.storage, options.corpus, info.shards, options.sampleBytes)
  if (texts.length === 0) {
    throw new EtlError('corpus-invalid', {
      where: options.corpus,
      what: 'no document in the train split to learn from',
    })
  }
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const size = options.vocabulary ?? vocabularySize(bytes)
  options.onEvent({ type: 'phase', phase: 'learn' })
  const learned = options.python && (await learnWithSentencePiece(options.python, texts, size))
  return learned || learnEmbedded(texts, size)
}

/** The files written for one corpus shard, and hashes of what they were made from. */
interface EncodedShard {
  readonly source: string
  readonly tokenizer: string
  readonly shards: readonly TokenShard[]
}

async function encodeAll(
  options: TokenizeOptions,
  info: CorpusInfo,
  output: string,
  vocabulary: Vocabulary,
) {
  const { storage, corpus, onEvent, signal } = options
  const tokenizer = vocabularyHash(vocabulary)
  const dtype = dtypeOf(vocabulary)
  const encoders = encoderPool({ ...options, tokenizer: output })
  let done = 0
  let tokens = 0
  const encode = async (shard: ShardInfo, index: number): Promise<readonly TokenShard[]> => {
    const factsPath = join(output, '.work', `${shard.path}.json`)
    const known = await readJson<EncodedShard>(storage, factsPath)
    const isKept =
      known?.source === shard.sha256 &&
      known.tokenizer === tokenizer &&
      known.shards.every(({ batches }) => batches !== undefined) &&
      (await allThere(storage, output, known.shards))
    const shards = isKept
      ? known.shards
      : await encoders.run({ corpus, output, shard, index, dtype })
    if (!isKept)
      await writeJson(storage, factsPath, {
        source: shard.sha256,
        tokenizer,
        shards,
      } satisfies EncodedShard)
    tokens += shards.reduce((sum, one) => sum + one.tokens, 0)
    onEvent({ type: 'progress', done: ++done, total: info.shards.length, tokens })
    return shards
  }
  const queue = info.shards.map((shard) => ({ shard, index: shardNumber(info.shards, shard) }))
  const results: (readonly TokenShard[])[] = new Array(queue.length)
  let next = 0
  const lane = async (): Promise<void> => {
    for (let place = next++; place < queue.length; place = next++) {
      if (signal.aborted)
        throw new EtlError('interrupted', {
          what: 'tokenizing was stopped; finished shards are kept',
        })
      const { shard, index } = queue[place] as (typeof queue)[number]
      results[place] = await encode(shard, index)
    }
  }
  try {
    await Promise.all(Array.from({ length: encoders.size }, lane))
  } finally {
    await encoders.close()
  }
  return results.flat()
}

const dtypeOf = ({ pieces }: Vocabulary): TokenManifest['dtype'] =>
  pieces.length > 65_536 ? 'uint32' : 'uint16'

const shardNumber = (shards: readonly ShardInfo[], shard: ShardInfo): number =>
  shards.filter(({ split }) => split === shard.split).indexOf(shard)

async function allThere(
  storage: Storage,
  output: string,
  shards: readonly TokenShard[],
): Promise<boolean> {
  for (const { path, bytes } of shards)
    if ((await storage.stat(join(output, path)))?.size !== bytes) return false
  return true
}

function manifestOf(
  vocabulary: Vocabulary,
  corpus: CorpusInfo,
  shards: readonly TokenShard[],
): TokenManifest {
  const sha256 = vocabularyHash(vocabulary)
  const { pad, bos, eos, pieces } = vocabulary
  const ordered = [...shards].sort((a, b) =>
    a.group === b.group ? (a.path < b.path ? -1 : 1) : a.group < b.group ? -1 : 1,
  )
  return {
    format: 'cosmos-tokens',
    version: 1,
    fingerprint: createHash('sha256')
      .update(canonicalJson({ sha256, shards: ordered.map(({ batches: _, ...shard }) => shard) }))
      .digest('hex'),
    corpus: corpus.fingerprint,
    content: contentHash(corpus.shards),
    dtype: dtypeOf(vocabulary),
    tokenizer: { path: '.', sha256, vocab: pieces.length, pad, bos, eos },
    groups: groupsOf(ordered),
    shards: ordered,
  }
}

function groupsOf(shards: readonly TokenShard[]): TokenGroup[] {
  const groups = new Map<string, TokenGroup>()
  for (const { split, group, documents, tokens, textBytes, words } of shards) {
    const [source = '', kind = 'prose', lang = ''] = group.split('/')
    const before = groups.get(`${group} ${split}`)
    groups.set(`${group} ${split}`, {
      group,
      source,
      kind: kind as TokenGroup['kind'],
      lang: lang === 'und' ? '' : lang,
      split,
      documents: documents + (before?.documents ?? 0),
      tokens: tokens + (before?.tokens ?? 0),
      textBytes: textBytes + (before?.textBytes ?? 0),
      words: words + (before?.words ?? 0),
    })
  }
  return [...groups.values()]
}

/** Removes token files of an earlier corpus or vocabulary. */
async function removeOthers(
  storage: Storage,
  output: string,
  manifest: TokenManifest,
): Promise<void> {
  const wanted = new Set(manifest.shards.map(({ path }) => join(output, path)))
  for (const split of ['train', 'eval', 'test']) {
    for (const { path } of await storage.find(join(output, split)))
      if (!wanted.has(path)) await storage.remove(path)
  }
}
