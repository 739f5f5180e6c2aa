// The first half of a fastText prediction: the mean of the rows for a text's words and character
// n-grams (Dictionary::getLine, FastText::predict). The likeliest label is then found in
// fasttext-labels.ts. This is the reference; the kernel is ./assembly.ts.
import type { FastTextModel } from './fasttext-model.ts'

/**
 * Writes the sum of a text's rows to `sum` (one number per dimension) and returns the number of
 * rows. A text is one line: line ends count as blanks, and the end-of-line token follows it.
 */
export type RowSummer = (text: Uint8Array, sum: Float32Array) => number

/** FNV-1a over sign-extended bytes, as fastText computes it on machines where `char` is signed. */
export function fastTextHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = 2_166_136_261
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ ((bytes[i]! << 24) >> 24), 16_777_619)
  return hash >>> 0
}

/**
 * Whether a byte ends a word: blank, tab, line feed, vertical tab, form feed, carriage return or
 * zero.
 */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0
}

const END_OF_LINE = '</s>'
const LABEL_PREFIX = '__label__'
/** Multiplier of the rolling hash of word n-grams (Dictionary::addWordNgrams). */
const WORD_NGRAM_MULTIPLIER = 116_049_371n

/** The reference: the same rows in the same order as fastText, added in single precision. */
export function rowSummerReference(model: FastTextModel): RowSummer {
  const { dimension, input, buckets, minn, maxn, keptBuckets } = model
  const rowOfBucket =
    keptBuckets && new Map(Array.from(keptBuckets.rows, (row, i) => [keptBuckets.buckets[i]!, row]))
  const rowOfWord = new Map(model.words.map((word, row) => [latin1(word), row]))
  const endOfLine = rowOfWord.get(END_OF_LINE)

  return (text, sum) => {
    sum.fill(0)
    let count = 0
    const addRow = (row: number): void => {
      for (let i = 0; i < dimension; i++) sum[i]! += input[row * dimension + i]!
      count++
    }
    const addBucket = (bucket: number): void => {
      const row = rowOfBucket ? rowOfBucket.get(bucket) : model.words.length + bucket
      if (row !== undefined) addRow(row)
    }
    const addCharacterNgrams = (word: string): void => {
      const bytes = Buffer.from(`<${word}>`, 'latin1')
      for (let start = 0; start < bytes.length; start++) {
        if (isContinuation(bytes[start])) continue
        for (let end = start, n = 1; end < bytes.length && n <= maxn; n++) {
          do end++
          while (isContinuation(bytes[end]))
          const lone = n === 1 && (start === 0 || end === bytes.length)
          if (n >= minn && !lone) addBucket(fastTextHash(bytes, start, end) % buckets)
        }
      }
    }
    const hashes: number[] = []
    for (const word of wordsOf(text)) {
      if (word === END_OF_LINE) break
      const row = rowOfWord.get(word)
      if (row === undefined && word.startsWith(LABEL_PREFIX)) continue
      if (row !== undefined) addRow(row)
      addCharacterNgrams(word)
      hashes.push(fastTextHash(Buffer.from(word, 'latin1'), 0, word.length))
    }
    if (endOfLine !== undefined) addRow(endOfLine)
    hashes.push(fastTextHash(Buffer.from(END_OF_LINE), 0, END_OF_LINE.length))
    if (model.wordNgrams > 1) {
      for (const hash of wordNgramHashes(hashes, model.wordNgrams))
        addBucket(Number(hash % BigInt(buckets)))
    }
    return count
  }
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

/** The words of a text, one character per byte. */
function* wordsOf(text: Uint8Array): Iterable<string> {
  for (let at = 0; at < text.length; ) {
    while (at < text.length && isBlank(text[at]!)) at++
    const start = at
    while (at < text.length && !isBlank(text[at]!)) at++
    if (at > start) yield latin1(text.subarray(start, at))
  }
}

const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0xc0) === 0x80

/**
 * Rolling hashes of 2 to `longest` words. Single hashes are sign-extended to 64 bits, because
 * fastText keeps them in `int32_t`.
 */
function* wordNgramHashes(hashes: readonly number[], longest: number): Iterable<bigint> {
  const signed = hashes.map((hash) => BigInt(hash | 0))
  for (let first = 0; first < signed.length; first++) {
    let rolling = BigInt.asUintN(64, signed[first]!)
    for (let next = first + 1; next < signed.length && next < first + longest; next++) {
      rolling = BigInt.asUintN(64, rolling * WORD_NGRAM_MULTIPLIER + signed[next]!)
      yield rolling
    }
  }
}
