import { createHash } from 'node:crypto'
import { canonicalJson } from '../core/canonical-json.ts'
import { EtlError } from '../core/errors.ts'
import type { BpeTable } from '../kernels/bpe/bpe-table.ts'
import { SPACE } from './bpe-train.ts'

/**
 * What an id stands for: a piece of text (`normal`), a mark outside of text (`control`), one byte
 * (`byte`), a text that is never split (`whole`), or text without any piece (`unknown`).
 */
export type PieceType = 'normal' | 'unknown' | 'control' | 'whole' | 'byte'

/** One entry of a vocabulary. */
export interface Piece {
  /** As SentencePiece writes it: a space is U+2581, a byte is `<0xE2>`. */
  readonly text: string
  readonly type: PieceType
  /** The possible merge whose piece has the higher score is made first. */
  readonly score: number
}

/** A BPE vocabulary. The index of a piece is its id. */
export interface Vocabulary {
  readonly pieces: readonly Piece[]
  readonly unknown: number
  readonly pad: number | null
  readonly bos: number | null
  readonly eos: number
  /** Whether a text is encoded as if it began with a space. */
  readonly spacePrefix: boolean
  /** Pairs of pieces to merge, the first to be merged first; derived from the scores by default. */
  readonly merges?: readonly (readonly [string, string])[]
}

/** Number of ids reserved for later uses. */
export const RESERVED = 64

/** Ids 0 to 5 of our own vocabularies. Text never encodes to them, even if it spells them. */
export const SPECIAL = ['<pad>', '<unk>', '<s>', '</s>', '<|im_start|>', '<|im_end|>'] as const

const byteName = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`

/** Number of ids before the first piece of text. */
export const META_PIECES = SPECIAL.length + RESERVED + 256

/**
 * Builds a vocabulary in our layout: special ids, reserved ids, 256 bytes, then learned pieces and
 * characters.
 */
export function newVocabulary(
  merged: readonly string[],
  characters: readonly string[],
): Vocabulary {
  const control = [
    ...SPECIAL,
    ...Array.from({ length: RESERVED }, (_, index) => `<|reserved_${index}|>`),
  ]
  const pieces: Piece[] = control.map((text) => ({
    text,
    type: text === '<unk>' ? 'unknown' : 'control',
    score: 0,
  }))
  for (let byte = 0; byte < 256; byte++)
    pieces.push({ text: byteName(byte), type: 'byte', score: 0 })
  for (const text of [...merged, ...characters]) {
    pieces.push({ text, type: 'normal', score: META_PIECES - pieces.length || 0 })
  }
  return { pieces, pad: 0, unknown: 1, bos: 2, eos: 3, spacePrefix: false }
}

/** SHA-256 of everything that determines ids. Training data is tied to it. */
export function vocabularyHash(vocabulary: Vocabulary): string {
  const { pieces, ...rest } = vocabulary
  const facts = { ...rest, pieces: pieces.map(({ text, type, score }) => [text, type, score]) }
  return createHash('sha256').update(canonicalJson(facts)).digest('hex')
}

const encoder = new TextEncoder()

/** UTF-8 of the text that an id stands for; empty for control ids. */
export function pieceBytes({ text, type }: Piece): Uint8Array {
  if (type === 'byte') return Uint8Array.of(Number.parseInt(text.slice(3, 5), 16))
  if (type === 'control') return new Uint8Array(0)
  if (type === 'unknown') return encoder.encode('\ufffd')
  return encoder.encode(text.replaceAll(SPACE, ' '))
}

/** Builds the tables of the encoder. */
export function bpeTable(vocabulary: Vocabulary): BpeTable {
  const { pieces } = vocabulary
  const idOf = new Map<string, number>()
  const characters = new Int32Array(0x110000).fill(-1)
  const byteIds = new Int32Array(256).fill(-1)
  for (const [id, { text, type }] of pieces.entries()) {
    if (type === 'byte') byteIds[Number.parseInt(text.slice(3, 5), 16)] = id
    if (type !== 'normal') continue
    idOf.set(text, id)
    const point = text.codePointAt(0)
    if (point === undefined || text.length !== (point > 0xffff ? 2 : 1)) continue
    // A space is written U+2581. A literal U+2581 has no piece and is encoded by bytes, so that it
    // can be restored.
    if (text === SPACE) characters[0x20] = id
    else if (text !== ' ') characters[point] = id
  }
  const merges = vocabulary.merges
    ? rankedMerges(vocabulary.merges, idOf)
    : scoredMerges(pieces, idOf)
  return {
    characters,
    byteIds,
    merges,
    pieces: pieces.filter(({ type }) => type === 'normal').map(pieceBytes),
    whole: pieces.flatMap((piece, id) =>
      piece.type === 'whole' ? [{ bytes: pieceBytes(piece), id }] : [],
    ),
  }
}

/** Every split of a piece into two others is a merge, ranked by the score of the piece. */
function scoredMerges(
  pieces: readonly Piece[],
  idOf: ReadonlyMap<string, number>,
): BpeTable['merges'] {
  const order = [...idOf.values()].sort(
    (a, b) => (pieces[b]?.score ?? 0) - (pieces[a]?.score ?? 0) || a - b,
  )
  const rank = new Map(order.map((id, index) => [id, index]))
  const rows: number[][] = []
  for (const [text, id] of idOf) {
    for (const cut of characterCuts(text)) {
      const left = idOf.get(text.slice(0, cut))
      if (left === undefined) continue
      const right = idOf.get(text.slice(cut))
      if (right !== undefined) rows.push([left, right, id, rank.get(id) ?? 0])
    }
  }
  return mergeArrays(rows)
}

function rankedMerges(
  pairs: readonly (readonly [string, string])[],
  idOf: ReadonlyMap<string, number>,
) {
  const rows: number[][] = []
  for (const [index, [first, second]] of pairs.entries()) {
    const ids = [first, second, first + second].map((text) => idOf.get(text))
    if (ids.every((id) => id !== undefined)) rows.push([...(ids as number[]), index])
  }
  return mergeArrays(rows)
}

/** Positions inside a string that do not split a surrogate pair. */
export function characterCuts(text: string): number[] {
  const cuts: number[] = []
  for (let at = 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0xdc00 || unit > 0xdfff) cuts.push(at)
  }
  return cuts
}

function mergeArrays(rows: readonly (readonly number[])[]): BpeTable['merges'] {
  const column = (index: number) => Int32Array.from(rows, (row) => row[index] ?? 0)
  return { left: column(0), right: column(1), merged: column(2), rank: column(3) }
}

/** Returns the vocabulary. Throws `tokenizer-unsupported` if it cannot restore every text. */
export function checkVocabulary(vocabulary: Vocabulary, where: string): Vocabulary {
  const bytes = vocabulary.pieces.filter(({ type }) => type === 'byte').length
  const problem =
    bytes !== 256
      ? `it has ${bytes} byte pieces instead of 256, so rare characters would be lost`
      : undefined
  if (problem) throw new EtlError('tokenizer-unsupported', { where, what: problem })
  return vocabulary
}
