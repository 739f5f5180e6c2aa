import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EtlError } from '../core/errors.ts'
import { type TokenSink, tokenSink } from '../kernels/bpe/bpe-table.ts'
import { bpeEncoder } from '../kernels/bpe/kernel.ts'
import { readHuggingFace } from './huggingface.ts'
import { readSentencePiece } from './sentencepiece.ts'
import { bpeTable, checkVocabulary, pieceBytes, type Vocabulary } from './vocabulary.ts'

/** Converts text to ids and back without loss. */
export interface Tokenizer {
  readonly vocabulary: Vocabulary
  /** Appends the ids of UTF-8 text to `sink`, without `<s>` or `</s>`. */
  encodeBytes(bytes: Uint8Array, sink: TokenSink): void
  encode(text: string): Uint32Array
  /** Decodes the ids of one complete text to UTF-8. Control ids decode to nothing. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array
  decode(ids: ArrayLike<number>): string
  /**
   * Decodes ids as they arrive. Bytes of an incomplete character are held back until the rest
   * arrives or `end`.
   */
  stream(): { push(ids: ArrayLike<number>): string; end(): string }
}

const SPACE_BYTE = 0x20
const utf8 = new TextEncoder()

/** Builds a tokenizer for a vocabulary. Its tables take about 30 MB; make one per thread. */
export function tokenizerOf(vocabulary: Vocabulary): Tokenizer {
  const encode = bpeEncoder(bpeTable(vocabulary))
  const texts = vocabulary.pieces.map(pieceBytes)

  const encodeBytes = (bytes: Uint8Array, sink: TokenSink): void => {
    if (!vocabulary.spacePrefix || bytes.length === 0) {
      encode(bytes, 0, bytes.length, sink)
      return
    }
    const prefixed = new Uint8Array(bytes.length + 1)
    prefixed[0] = SPACE_BYTE
    prefixed.set(bytes, 1)
    encode(prefixed, 0, prefixed.length, sink)
  }
  const bytesOf = (ids: ArrayLike<number>): Uint8Array => {
    let length = 0
    for (let at = 0; at < ids.length; at++) length += texts[ids[at] ?? 0]?.length ?? 0
    const bytes = new Uint8Array(length)
    let end = 0
    for (let at = 0; at < ids.length; at++) {
      const text = texts[ids[at] ?? 0]
      if (text) bytes.set(text, end)
      end += text?.length ?? 0
    }
    return bytes
  }
  const decodeBytes = (ids: ArrayLike<number>): Uint8Array => {
    const bytes = bytesOf(ids)
    return vocabulary.spacePrefix && bytes[0] === SPACE_BYTE ? bytes.subarray(1) : bytes
  }
  return {
    vocabulary,
    encodeBytes,
    encode(text) {
      const sink = tokenSink()
      encodeBytes(utf8.encode(text), sink)
      return sink.ids.slice(0, sink.length)
    },
    decodeBytes,
    decode: (ids) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(decodeBytes(ids)),
    stream() {
      const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
      return {
        push: (ids) => decoder.decode(bytesOf(ids), { stream: true }),
        end: () => decoder.decode(),
      }
    },
  }
}

/**
 * Reads a vocabulary from a `.model`, a `tokenizer.json`, or a folder that contains one of them.
 * Throws `input-missing` or `tokenizer-unsupported`.
 */
export async function readVocabulary(path: string): Promise<Vocabulary> {
  for (const candidate of [path, join(path, 'tokenizer.model'), join(path, 'tokenizer.json')]) {
    const bytes = await readFile(candidate).catch(() => undefined)
    if (!bytes) continue
    const vocabulary = candidate.endsWith('.json')
      ? readHuggingFace(bytes.toString('utf8'), candidate)
      : readSentencePiece(bytes, candidate)
    return checkVocabulary(vocabulary, candidate)
  }
  throw new EtlError('input-missing', {
    where: path,
    what: 'no tokenizer.model or tokenizer.json here',
  })
}
