// From text to signatures: runs the steps that read every byte in kernels.wasm.

import { COUNT, type FoldedWords, resetWords, STATE_WORDS, WORD_SLACK } from '../fold/fold.ts'
import { foldTable } from '../fold/fold-table.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import { WINDOW_BYTES } from '../shingle/shingle.ts'
import {
  CAPACITY,
  type LaneKernel,
  type SignatureKind,
  type TextKernel,
} from '../shingle/text-kernel.ts'
import { permutations } from './minhash.ts'

/** Bytes of working memory for the folding kernel. */
const FOLD_ROOM = 8448

interface Functions {
  foldWords(
    text: number,
    end: number,
    table: number,
    words: number,
    second: number,
    state: number,
    most: number,
    room: number,
  ): number
  shingleHashes(words: number, count: number, size: number, out: number): number
  resetLanes(minima: number, lanes: number): void
  fillRound(hashes: number, count: number, round: number, minima: number, lanes: number): number
  finishLanes(minima: number, lanes: number, out: number): void
  lowestLanes(hashes: number, count: number, pairs: number, minima: number, lanes: number): void
  finishClassic(minima: number, lanes: number, out: number): void
}

let shared: TextKernel | undefined

/** The kernel in kernels.wasm, one per thread. All callers share its arrays. */
export function textKernel(): TextKernel {
  shared ??= wasmTextKernel()
  return shared
}

function wasmTextKernel(): TextKernel {
  const memory = kernelMemory()
  const {
    foldWords: fold,
    shingleHashes: shingle,
    ...lanes
  } = kernelFunctions<Functions>(
    'foldWords',
    'shingleHashes',
    'resetLanes',
    'fillRound',
    'finishLanes',
    'lowestLanes',
    'finishClassic',
  )
  const wordsOf = (length: number): Uint32Array =>
    new Uint32Array(memory.bytes.buffer, memory.reserve(length * 4), length)
  const folded: FoldedWords = {
    words: wordsOf(CAPACITY),
    second: wordsOf(CAPACITY),
    state: wordsOf(STATE_WORDS),
  }
  const hashes = wordsOf(CAPACITY)
  const { words, second, state } = folded
  const table = keepTable()
  const textAt = memory.reserve(WINDOW_BYTES)
  const room = memory.reserve(FOLD_ROOM)
  let loadedStart = 0
  let loadedEnd = 0
  resetWords(folded)
  return {
    folded,
    hashes,
    load(text, start, end) {
      memory.bytes.set(text.subarray(start, end), textAt)
      loadedStart = start
      loadedEnd = end
    },
    fold(position) {
      const from = textAt + position - loadedStart
      const end = textAt + loadedEnd - loadedStart
      const most = CAPACITY - WORD_SLACK
      const reached = fold(
        from,
        end,
        table,
        words.byteOffset,
        second.byteOffset,
        state.byteOffset,
        most,
        room,
      )
      return reached - textAt + loadedStart
    },
    shingle: (size) => shingle(words.byteOffset, state[COUNT]!, size, hashes.byteOffset),
    lanes: (kind, count) => wasmLanes(kind, count, hashes.byteOffset, lanes),
  }
}

/**
 * Places the units, the starts of the sequences and the sequences one after another, as
 * ../fold/assembly-units.ts expects them.
 */
function keepTable(): number {
  const { units, sequences, starts } = foldTable()
  const all = new Uint16Array(units.length + STARTS + sequences.length)
  all.set(units)
  all.set(starts, units.length)
  all.set(sequences, units.length + STARTS)
  return kernelMemory().keep(all)
}

/**
 * Entries reserved for the starts, however many the table needs: see EXPANSION in fold-table.ts.
 */
const STARTS = 2048 + 1

function wasmLanes(
  kind: SignatureKind,
  count: number,
  hashes: number,
  functions: Omit<Functions, 'foldWords' | 'shingleHashes'>,
): LaneKernel {
  const memory = kernelMemory()
  const minima = memory.reserve(count * 8)
  const outAt = memory.reserve(count * 2)
  const found = new Uint16Array(memory.bytes.buffer, outAt, count)
  const pairs = kind === 'classic' ? memory.keep(permutations(count)) : 0
  const reset = (): void => functions.resetLanes(minima, count)
  if (kind === 'classic') {
    return {
      reset,
      round(length) {
        functions.lowestLanes(hashes, length, pairs, minima, count)
        return 0
      },
      finish(out) {
        functions.finishClassic(minima, count, outAt)
        out.set(found)
      },
    }
  }
  return {
    reset,
    round: (length, round) => functions.fillRound(hashes, length, round, minima, count),
    finish(out) {
      functions.finishLanes(minima, count, outAt)
      out.set(found)
    },
  }
}
