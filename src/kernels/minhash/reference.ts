import { COUNT, type FoldedWords, foldWords, resetWords, STATE_WORDS } from '../fold/fold.ts'
import { foldTable } from '../fold/fold-table.ts'
import { shingleHashes } from '../shingle/shingle.ts'
import { CAPACITY, type TextKernel } from '../shingle/text-kernel.ts'
import { referenceLanes } from './minhash.ts'

/** The text kernel in plain TypeScript, which the compiled one is tested against. */
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
