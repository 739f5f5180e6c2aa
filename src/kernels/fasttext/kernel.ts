// The compiled version of reference.ts, and the layout of the model for it.

import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import type { FastTextModel } from './fasttext-model.ts'
import { fastTextHash } from './reference.ts'

/** Numbers in a row as the kernel reads it. */
const WIDTH = 16
/** A constant of the kernel. */
const LIST_LENGTH = 4096
/** Bytes of working memory for a batch of words. */
const ROOM = 2100

/**
 * Like a `RowSummer`, for the text [start, end) in the kernels' memory. Temporarily overwrites the
 * byte before the text and the byte after it.
 */
export type PlacedRowSummer = (start: number, end: number, sum: Float32Array) => number

interface Functions {
  sumFastTextRows(model: number, text: number, end: number, result: number): number
}

/** Longest character n-grams for which the kernel's list has room. */
const LONGEST_NGRAM = 64

/**
 * The kernel for a model, which it keeps in the kernels' memory permanently. The word cache has
 * 2^`cacheBits` sets (`cacheBits` is at most 16) of four entries of 72 bytes; its size affects only
 * the speed. Throws `RangeError` for models of more than 16 dimensions or with n-grams of words,
 * which are left to the reference.
 */
export function rowSummerKernel(model: FastTextModel, cacheBits = 16): PlacedRowSummer {
  if (
    model.dimension > WIDTH ||
    model.wordNgrams > 1 ||
    model.maxn > LONGEST_NGRAM ||
    cacheBits > 16
  ) {
    throw new RangeError('the kernel does not do this fastText model')
  }
  const { sumFastTextRows } = kernelFunctions<Functions>('sumFastTextRows')
  const memory = kernelMemory()
  const at = placeModel(model, cacheBits)
  const resultAt = memory.reserve(WIDTH * 4)
  const result = new Float32Array(memory.bytes.buffer, resultAt, model.dimension)
  const endOfLine = model.words.findIndex((word) => Buffer.from(word).toString('latin1') === '</s>')
  return (start, end, sum) => {
    const count = sumFastTextRows(at, start, end, resultAt)
    sum.set(result)
    if (endOfLine < 0) return count
    for (let i = 0; i < sum.length; i++) sum[i]! += model.input[endOfLine * model.dimension + i]!
    return count + 1
  }
}

/**
 * Places the tables and the structure that describes them (class Model of the kernel). Returns its
 * address.
 */
function placeModel(model: FastTextModel, cacheBits: number): number {
  const memory = kernelMemory()
  const kept = model.keptBuckets
  const bits = new Uint32Array((Math.ceil(model.buckets / 64) + 1) * 2)
  if (kept === undefined) bits.fill(0xffffffff)
  else for (const bucket of kept.buckets) bits[bucket >> 5]! |= 1 << (bucket & 31)
  const vocabulary = wordTable(model.words)
  const shift = 31 + Math.ceil(Math.log2(Math.max(model.buckets, 1)))
  const sets = 2 ** cacheBits
  const fields = [
    memory.keep(paddedRows(model)),
    model.words.length,
    memory.keep(vocabulary.slots),
    vocabulary.slots.length - 1,
    memory.keep(vocabulary.offsets),
    memory.keep(vocabulary.bytes),
    memory.reserve(WIDTH * 4),
    memory.keep(bits),
    memory.keep(ranks(bits)),
    model.buckets,
    Math.floor(2 ** shift / Math.max(model.buckets, 1)),
    shift,
    model.minn,
    model.maxn,
    memory.reserve(sets * 4 * 8),
    memory.reserve(sets * 4 * WIDTH * 4),
    0,
    sets - 1,
    memory.reserve(LIST_LENGTH * 4),
    memory.reserve(2 * 96 + 17 * 16),
    memory.reserve(ROOM),
  ]
  return memory.keep(Uint32Array.from(fields))
}

/** Rows padded to 16 numbers: words first, then the kept buckets in order. */
function paddedRows({ input, dimension, words, keptBuckets }: FastTextModel): Float32Array {
  const rowCount = keptBuckets ? words.length + keptBuckets.rows.length : input.length / dimension
  const rows = new Float32Array(rowCount * WIDTH)
  for (let row = 0; row < rowCount; row++) {
    const from =
      (keptBuckets && row >= words.length ? keptBuckets.rows[row - words.length]! : row) * dimension
    for (let i = 0; i < dimension; i++) rows[row * WIDTH + i] = input[from + i]!
  }
  return rows
}

/** Open addressing with at least half of the slots free: word number + 1, or 0. */
function wordTable(words: readonly Uint8Array[]) {
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(words.length * 2 + 2)))
  const offsets = new Uint32Array(words.length + 1)
  for (const [i, word] of words.entries()) {
    let slot = fastTextHash(word, 0, word.length) & (slots.length - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = i + 1
    offsets[i + 1] = offsets[i]! + word.length
  }
  return { slots, offsets, bytes: Buffer.concat(words) }
}

/** How many bits are set before each group of 64. */
function ranks(bits: Uint32Array): Uint32Array {
  const result = new Uint32Array(bits.length / 2)
  for (let i = 1; i < result.length; i++) {
    result[i] = result[i - 1]! + bitCount(bits[2 * i - 2]!) + bitCount(bits[2 * i - 1]!)
  }
  return result
}

function bitCount(word: number): number {
  let count = 0
  for (let rest = word; rest !== 0; rest &= rest - 1) count++
  return count
}
