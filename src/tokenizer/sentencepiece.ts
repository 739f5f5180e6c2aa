import { EtlError } from '../core/errors.ts'
import { type Field, readFields, writeFields } from './protobuf.ts'
import type { Piece, PieceType, Vocabulary } from './vocabulary.ts'

/** Numbers from sentencepiece_model.proto: message fields and the values of two enumerations. */
const MODEL = { pieces: 1, trainer: 2, normalizer: 3 }
const PIECE = { text: 1, score: 2, type: 3 }
const TRAINER = {
  modelType: 3,
  vocabSize: 4,
  splitDigits: 25,
  whitespaceOnlyPieces: 26,
  control: 30,
  byteFallback: 35,
  unknownId: 40,
  bosId: 41,
  eosId: 42,
  padId: 43,
}
const NORMALIZER = { name: 1, charsMap: 2, spacePrefix: 3, collapseSpaces: 4, escapeSpaces: 5 }
const BPE = 2
const PIECE_TYPES: Readonly<Record<number, PieceType>> = {
  1: 'normal',
  2: 'unknown',
  3: 'control',
  4: 'whole',
  6: 'byte',
}

const decoder = new TextDecoder('utf-8', { fatal: true })
const encoder = new TextEncoder()

/**
 * Serialises a vocabulary as a `.model` file for SentencePiece, llama.cpp and compatible programs.
 */
export function writeSentencePiece(vocabulary: Vocabulary): Uint8Array {
  const typeNumber = new Map(
    Object.entries(PIECE_TYPES).map(([number, type]) => [type, Number(number)]),
  )
  const pieces = vocabulary.pieces.map(({ text, type, score }): Field => {
    const fields: Field[] = [
      { number: PIECE.text, bytes: encoder.encode(text) },
      { number: PIECE.score, float: score },
    ]
    if (type !== 'normal') fields.push({ number: PIECE.type, int: typeNumber.get(type) ?? 1 })
    return { number: MODEL.pieces, bytes: writeFields(fields) }
  })
  const control = vocabulary.pieces.slice(4).filter(({ type }) => type === 'control')
  const trainer: Field[] = [
    { number: TRAINER.modelType, int: BPE },
    { number: TRAINER.vocabSize, int: vocabulary.pieces.length },
    { number: TRAINER.splitDigits, int: 1 },
    { number: TRAINER.whitespaceOnlyPieces, int: 1 },
    ...control.map(({ text }): Field => ({ number: TRAINER.control, bytes: encoder.encode(text) })),
    { number: TRAINER.byteFallback, int: 1 },
    { number: TRAINER.unknownId, int: vocabulary.unknown },
    { number: TRAINER.bosId, int: vocabulary.bos ?? -1 },
    { number: TRAINER.eosId, int: vocabulary.eos },
    { number: TRAINER.padId, int: vocabulary.pad ?? -1 },
  ]
  const normalizer: Field[] = [
    { number: NORMALIZER.name, bytes: encoder.encode('identity') },
    { number: NORMALIZER.spacePrefix, int: vocabulary.spacePrefix ? 1 : 0 },
    { number: NORMALIZER.collapseSpaces, int: 0 },
    { number: NORMALIZER.escapeSpaces, int: 1 },
  ]
  return writeFields([
    ...pieces,
    { number: MODEL.trainer, bytes: writeFields(trainer) },
    { number: MODEL.normalizer, bytes: writeFields(normalizer) },
  ])
}

/**
 * Reads a `.model`. Throws `tokenizer-unsupported` for damaged files, for unigram models and for
 * models that change the text before encoding it.
 */
export function readSentencePiece(bytes: Uint8Array, where: string): Vocabulary {
  const unsupported = (what: string, cause?: unknown) =>
    new EtlError('tokenizer-unsupported', { where, what, cause })
  const pieces: Piece[] = []
  let trainer: Spec = spec(new Uint8Array(0))
  let normalizer: Spec = spec(new Uint8Array(0))
  try {
    for (const field of readFields(bytes)) {
      if (!('bytes' in field)) continue
      if (field.number === MODEL.pieces) pieces.push(readPiece(field.bytes))
      if (field.number === MODEL.trainer) trainer = spec(field.bytes)
      if (field.number === MODEL.normalizer) normalizer = spec(field.bytes)
    }
  } catch (cause) {
    throw unsupported(
      `not a SentencePiece model: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    )
  }
  if (pieces.length === 0) throw unsupported('not a SentencePiece model: no pieces in it')
  if (trainer.int(TRAINER.modelType, 1) !== BPE) throw unsupported('it is not a BPE model')
  if (normalizer.length(NORMALIZER.charsMap) > 0)
    throw unsupported('it normalises the text before cutting it')
  if (normalizer.int(NORMALIZER.collapseSpaces, 1) !== 0)
    throw unsupported('it removes white space')
  const id = (number: number, fallback: number): number | null => {
    const value = trainer.int(number, fallback)
    return value < pieces.length ? value : null
  }
  const unknown = id(TRAINER.unknownId, 0)
  const eos = id(TRAINER.eosId, 2)
  if (unknown === null || eos === null)
    throw unsupported('it has no id for unknown pieces or for the end of a text')
  const spacePrefix = normalizer.int(NORMALIZER.spacePrefix, 1) !== 0
  return {
    pieces,
    unknown,
    eos,
    bos: id(TRAINER.bosId, 1),
    pad: id(TRAINER.padId, 2 ** 64),
    spacePrefix,
  }
}

function readPiece(message: Uint8Array): Piece {
  let text = ''
  let score = 0
  let type = 1
  for (const field of readFields(message)) {
    if (field.number === PIECE.text && 'bytes' in field) text = decoder.decode(field.bytes)
    if (field.number === PIECE.score && 'float' in field) score = field.float
    if (field.number === PIECE.type && 'int' in field) type = field.int
  }
  const known = PIECE_TYPES[type]
  if (!known) throw new RangeError(`piece "${text}" is of type ${type}`)
  return { text, type: known, score }
}

interface Spec {
  int(number: number, fallback: number): number
  length(number: number): number
}

/**
 * Fields of a specification by number. Of repeated fields the last one counts. A negative integer
 * is read as a huge one.
 */
function spec(message: Uint8Array): Spec {
  const fields = new Map([...readFields(message)].map((field) => [field.number, field]))
  return {
    int(number, fallback) {
      const field = fields.get(number)
      return field && 'int' in field ? field.int : fallback
    },
    length(number) {
      const field = fields.get(number)
      return field && 'bytes' in field ? field.bytes.length : 0
    },
  }
}
