// From text to signatures: the steps that run over every byte, in TypeScript (the reference) and in
// kernels.wasm.
import {
  COUNT,
  type FoldedWords,
  foldWords,
  resetWords,
  STATE_WORDS,
  WORD_SLACK,
} from '../fold/fold.ts'
import { foldTable } from '../fold/fold-table.ts'
import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import {
  type LaneKernel,
  permutations,
  referenceLanes,
  type SignatureKind,
} from '../minhash/minhash.ts'
import { shingleHashes, WINDOW_BYTES } from './shingle.ts'

/** Folds, shingles and signs through arrays that stay where they are. One text at a time. */
export interface TextKernel {
  readonly folded: FoldedWords
  /** What `shingle` made last. */
  readonly hashes: Uint32Array
  /** Makes `text[start, end)` the stretch that `fold` reads. */
  load(text: Uint8Array, start: number, end: number): void
  /**
   * Folds on from a position of the text until the arrays are full or the stretch ends; answers the
   * position reached.
   */
  fold(position: number): number
  /** Hashes all runs of `size` words into `hashes`; answers how many. */
  shingle(size: number): number
  /** Lanes fed from `hashes`. */
  lanes(kind: SignatureKind, count: number): LaneKernel
}

/** Words folded before they are shingled. */
const CHUNK_WORDS = 1 << 16
const CAPACITY = CHUNK_WORDS + WORD_SLACK + 64
/** Bytes the folding kernel works in. */
const FOLD_ROOM = 8448

/** The kernel in plain TypeScript: what the other one is tested against. */
export function referenceTextKernel(): TextKernel {
  const table = foldTable()
  const hashes = new Uint32Array(CAPACITY)
  const folded: FoldedWords = {
    words: new Uint32Array(CAPACITY),
    second: new Uint32Array(CAPACITY),
    state: new Uint32Array(STATE_WORDS),
  }
  resetWords(folded)
  let loaded: Uint8Array = new Uint8Array(0)
  let loadedEnd = 0
  return {
    folded,
    hashes,
    load(text, _start, end) {
      loaded = text
      loadedEnd = end
    },
    fold: (position) => foldWords(loaded, position, loadedEnd, table, folded),
    shingle: (size) => shingleHashes(folded.words, folded.state[COUNT]!, size, hashes),
    lanes: (kind, count) => referenceLanes(kind, count, hashes),
  }
}

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

/** The kernel of kernels.wasm. One a thread: its arrays are shared by everybody who asks. */
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
 * Units, then starts of the sequences, then the sequences, one after the other as assembly/fold.ts
 * expects them.
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
 * Entries kept for the starts, whatever the table needs of them: see EXPANSION in fold-table.ts.
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
