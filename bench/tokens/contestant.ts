// A contestant that turns texts into ids: ours, or a tokenizer from npm. Usage: contestant.js MODE
// TEXTS VOCABULARY NPM, the last two folders: of tokenizer.model and tokenizer.json, and of the
// peers' node_modules.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { tokenSink } from '../../src/kernels/bpe/bpe-table.ts'
import { readVocabulary, tokenizerOf } from '../../src/tokenizer/tokenizer.ts'
import { type Pass, servePasses } from '../pass.ts'

const [mode = '', textsPath = '', vocabularyFolder = '', npmFolder = ''] = process.argv.slice(2)
const texts = readFileSync(textsPath, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => (JSON.parse(line) as { text: string }).text)
const npm = createRequire(join(npmFolder, 'package.json'))

const MODES: Readonly<Record<string, () => Promise<void>>> = {
  /**
   * Bytes in, ids out, as in `etl tokenize`. Every pass begins with an empty cache of words.
   */
  async ours() {
    const vocabulary = await readVocabulary(vocabularyFolder)
    const documents = texts.map((text) => Buffer.from(text))
    const sink = tokenSink(1 << 22)
    let tokenizer = tokenizerOf(vocabulary)
    const pass = (): Pass => {
      sink.length = 0
      const ends = documents.map((bytes) => {
        tokenizer.encodeBytes(bytes, sink)
        return sink.length
      })
      return () => digests(ends.map((end, i) => sink.ids.subarray(ends[i - 1] ?? 0, end)))
    }
    return servePasses(pass, () => {
      tokenizer = tokenizerOf(vocabulary)
      tokenizer.encode('.')
    })
  },
  /** Rust; all texts in one call, so that the cost of calling does not count. */
  async tokenizers() {
    const { Tokenizer } = npm('tokenizers') as {
      Tokenizer: { fromString(json: string): RustTokenizer }
    }
    const tokenizer = Tokenizer.fromString(
      readFileSync(join(vocabularyFolder, 'tokenizer.json'), 'utf8'),
    )
    return servePasses(async () => {
      const encodings = await tokenizer.encodeBatch([...texts], { addSpecialTokens: false })
      const ids = encodings.map((encoding) => encoding.getIds())
      return () => digests(ids)
    })
  },
  /** SentencePiece itself, compiled to WebAssembly. */
  async 'sentencepiece-js'() {
    const { SentencePieceProcessor } = npm('@sctg/sentencepiece-js') as {
      SentencePieceProcessor: new () => {
        load(path: string): Promise<void>
        encodeIds(text: string): number[]
      }
    }
    const processor = new SentencePieceProcessor()
    await processor.load(join(vocabularyFolder, 'tokenizer.model'))
    return servePasses(() => {
      const ids = texts.map((text) => processor.encodeIds(text))
      return () => digests(ids)
    })
  },
  async 'gpt-tokenizer'() {
    const { encode } = npm('gpt-tokenizer/encoding/cl100k_base') as {
      encode(text: string): number[]
    }
    return servePasses(() => void texts.map((text) => encode(text)))
  },
  async tiktoken() {
    const { get_encoding } = npm('tiktoken') as {
      get_encoding(name: string): { encode_ordinary(text: string): Uint32Array }
    }
    const encoding = get_encoding('cl100k_base')
    return servePasses(() => void texts.map((text) => encoding.encode_ordinary(text)))
  },
}

interface RustTokenizer {
  encodeBatch(
    texts: string[],
    options: { addSpecialTokens: boolean },
  ): Promise<{ getIds(): number[] }[]>
}

/** One digest per document, of its ids as little-endian 32-bit numbers. */
const digests = (documents: readonly ArrayLike<number>[]): string[] =>
  documents.map((ids) => createHash('md5').update(Uint32Array.from(ids)).digest('hex').slice(0, 16))

await MODES[mode]!()
