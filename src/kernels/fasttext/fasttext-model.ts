// Reads supervised fastText models (.bin, and .ftz with quantised matrices). The layout follows
// FastText::saveModel, Dictionary::save, QuantMatrix::save and ProductQuantizer::save of fastText
// 0.9.
import { EtlError } from '../../core/errors.ts'

/** A supervised fastText model with dequantised matrices. */
export interface FastTextModel {
  /** Numbers in a row. */
  readonly dimension: number
  readonly loss: 'hierarchical-softmax' | 'softmax'
  /** Rows of `input` that character and word n-grams are hashed to, before pruning. */
  readonly buckets: number
  /** Shortest and longest character n-gram, in code points. There are none if `maxn` is 0. */
  readonly minn: number
  readonly maxn: number
  /** Longest n-gram of words; 1 means single words only. */
  readonly wordNgrams: number
  /** UTF-8 of each word; its index is its row of `input`. */
  readonly words: readonly Uint8Array[]
  /** Labels without the `__label__` prefix; the index is the row of `output`. */
  readonly labels: readonly string[]
  /** How often each label occurred in training, which decides the shape of the softmax tree. */
  readonly labelCounts: readonly number[]
  /** The buckets that survived pruning. Undefined if all did: then row = words + bucket. */
  readonly keptBuckets: KeptBuckets | undefined
  readonly input: Float32Array
  readonly output: Float32Array
}

/** Buckets in ascending order, and the row of `input` of each. */
export interface KeptBuckets {
  readonly buckets: Uint32Array
  readonly rows: Uint32Array
}

const MAGIC = 793_712_314
const VERSIONS = [11, 12]
const SUPERVISED = 3
const LOSSES = { 1: 'hierarchical-softmax', 3: 'softmax' } as const
const LABEL_PREFIX = '__label__'

/**
 * Parses a model file. Throws `input-corrupt` or `input-unsupported` for anything but a complete
 * supervised model; `name` appears in the error.
 */
export function readFastTextModel(file: Uint8Array, name: string): FastTextModel {
  const reader = byteReader(file, name)
  if (reader.int32() !== MAGIC)
    throw new EtlError('input-corrupt', { where: name, what: 'not a fastText model' })
  const version = reader.int32()
  if (!VERSIONS.includes(version)) throw unsupported(name, `version ${version}`)
  const args = readArguments(reader, name)
  const dictionary = readDictionary(reader)
  const quantisedInput = reader.int8() === 1
  const input = quantisedInput ? readQuantised(reader) : readDense(reader)
  const quantisedOutput = reader.int8() === 1
  const output = quantisedInput && quantisedOutput ? readQuantised(reader) : readDense(reader)
  if (input.columns !== args.dimension || output.columns !== args.dimension)
    throw corrupt(name, 'matrix widths differ')
  if (output.rows !== dictionary.labels.length)
    throw corrupt(name, 'one output row per label expected')
  const needed =
    dictionary.words.length +
    (dictionary.keptBuckets?.buckets.length ??
      (args.maxn > 0 || args.wordNgrams > 1 ? args.buckets : 0))
  if (input.rows < needed) throw corrupt(name, `${input.rows} input rows, ${needed} expected`)
  const maxn = version === 11 ? 0 : args.maxn
  return { ...args, maxn, ...dictionary, input: input.values, output: output.values }
}

type Reader = ReturnType<typeof byteReader>

const corrupt = (where: string, what: string): EtlError =>
  new EtlError('input-corrupt', { where, what })
const unsupported = (where: string, what: string): EtlError =>
  new EtlError('input-unsupported', {
    where,
    what: `fastText ${what}`,
    hint:
      'Use a supervised model trained with softmax or hierarchical softmax ' +
      'by fastText 0.2 or later.',
  })

/** Reads little-endian values one after another; reading past the end throws `input-corrupt`. */
function byteReader(file: Uint8Array, name: string) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  let at = 0
  const next = (length: number): number => {
    if (length < 0 || at + length > file.length)
      throw corrupt(`${name}:${at}`, `cut short: ${length} bytes missing`)
    at += length
    return at - length
  }
  const copy = (length: number): ArrayBuffer =>
    new Uint8Array(file.subarray(next(length), at)).buffer
  return {
    int8: () => view.getInt8(next(1)),
    int32: () => view.getInt32(next(4), true),
    int64: () => Number(view.getBigInt64(next(8), true)),
    float64: () => view.getFloat64(next(8), true),
    bytes: (length: number) => file.subarray(next(length), at),
    floats: (count: number) => new Float32Array(copy(count * 4)),
    int32s: (count: number) => new Int32Array(copy(count * 4)),
    /** The error for a value read last that makes no sense. */
    impossible: (what: string) => corrupt(`${name}:${at}`, what),
    /** Bytes up to a zero, which is skipped. */
    terminated() {
      const end = file.indexOf(0, at)
      if (end < 0) throw corrupt(`${name}:${at}`, 'cut short inside a word')
      const word = file.subarray(at, end)
      at = end + 1
      return word
    },
  }
}

function readArguments(reader: Reader, name: string) {
  const dimension = reader.int32()
  // Window, epochs, minimum count, negatives.
  for (let unused = 0; unused < 4; unused++) reader.int32()
  const wordNgrams = reader.int32()
  const lossCode = reader.int32()
  const model = reader.int32()
  const buckets = reader.int32()
  const minn = reader.int32()
  const maxn = reader.int32()
  reader.int32() // learning rate update rate
  reader.float64() // sampling threshold
  if (model !== SUPERVISED) throw unsupported(name, `model type ${model}`)
  if (lossCode !== 1 && lossCode !== 3) throw unsupported(name, `loss ${lossCode}`)
  if (dimension <= 0 || buckets < 0 || minn < 0 || maxn < 0 || wordNgrams < 1)
    throw corrupt(name, 'impossible sizes')
  return { dimension, wordNgrams, loss: LOSSES[lossCode], buckets, minn, maxn }
}

function readDictionary(reader: Reader) {
  const entries = reader.int32()
  const wordCount = reader.int32()
  reader.int32() // labels
  reader.int64() // tokens
  const kept = reader.int64()
  const words: Uint8Array[] = []
  const labels: string[] = []
  const labelCounts: number[] = []
  for (let i = 0; i < entries; i++) {
    const word = reader.terminated()
    const count = reader.int64()
    reader.int8() // type: words first, then labels
    if (i < wordCount) words.push(word)
    else {
      labels.push(new TextDecoder().decode(word).replace(LABEL_PREFIX, ''))
      labelCounts.push(count)
    }
  }
  if (kept < 0) return { words, labels, labelCounts, keptBuckets: undefined }
  return { words, labels, labelCounts, keptBuckets: readKeptBuckets(reader, kept, wordCount) }
}

function readKeptBuckets(reader: Reader, count: number, wordCount: number): KeptBuckets {
  const pairs = reader.int32s(count * 2)
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => pairs[a * 2]! - pairs[b * 2]!,
  )
  return {
    buckets: order.map((i) => pairs[i * 2]!),
    rows: order.map((i) => wordCount + pairs[i * 2 + 1]!),
  }
}

interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float32Array
}

function readDense(reader: Reader): Matrix {
  const rows = reader.int64()
  const columns = reader.int64()
  return { rows, columns, values: reader.floats(rows * columns) }
}

/**
 * One byte per sub-vector names one of 256 centroids. If the norm of each row is stored separately,
 * it is quantised the same way.
 */
function readQuantised(reader: Reader): Matrix {
  const normalised = reader.int8() === 1
  const rows = reader.int64()
  const columns = reader.int64()
  const codes = reader.bytes(reader.int32())
  const quantiser = readQuantiser(reader)
  const normCodes = normalised ? reader.bytes(rows) : undefined
  const normQuantiser = normalised ? readQuantiser(reader) : undefined
  const { parts, width, lastWidth } = quantiser
  if (parts < 1 || codes.length !== rows * parts || (parts - 1) * width + lastWidth !== columns) {
    throw reader.impossible('codes and sizes of a quantised matrix differ')
  }
  const values = new Float32Array(rows * columns)
  decodeRows(quantiser, codes, values)
  if (normQuantiser) {
    for (let row = 0; row < rows; row++) {
      const norm = normQuantiser.centroids[normCodes![row]!]!
      for (let at = row * columns; at < (row + 1) * columns; at++) values[at]! *= norm
    }
  }
  return { rows, columns, values }
}

const CENTROIDS = 256

interface Quantiser {
  readonly parts: number
  /** Numbers in a part, and in the last one. */
  readonly width: number
  readonly lastWidth: number
  readonly centroids: Float32Array
}

function readQuantiser(reader: Reader): Quantiser {
  const dimension = reader.int32()
  const parts = reader.int32()
  const width = reader.int32()
  const lastWidth = reader.int32()
  return { parts, width, lastWidth, centroids: reader.floats(dimension * CENTROIDS) }
}

/** Decodes the rows one after another, part by part. */
function decodeRows(quantiser: Quantiser, codes: Uint8Array, values: Float32Array): void {
  const { parts, width, lastWidth, centroids } = quantiser
  let at = 0
  for (let code = 0; code < codes.length; ) {
    for (let part = 0; part < parts; part++) {
      const size = part === parts - 1 ? lastWidth : width
      const from = part * CENTROIDS * width + codes[code++]! * size
      for (let i = 0; i < size; i++) values[at++] = centroids[from + i]!
    }
  }
}
