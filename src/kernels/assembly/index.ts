// Everything kernels.wasm exports: one line a kernel.
export { writeBands } from './bands'
export { encodeBpe } from './bpe'
export { candidateLines } from './candidate-lines'
export { scanCandidates } from './candidates'
export { countCharacters } from './characters'
export { sumFastTextRows } from './fasttext'
export { foldWords } from './fold'
export { scanJson } from './json'
export { foldLines, linesWithText } from './line-fold'
export { fillRound, finishClassic, finishLanes, lowestLanes, resetLanes, shingleHashes } from './minhash'
export { plainProse } from './prose'
export { digestRows } from './sha256'
export { addStopWords, countStatistics } from './statistics'
export { scatterWords, sortWords } from './word-records'
export { countWords } from './words'

/** First address behind the module's own data: where the host's arena starts. */
export function heapBase(): usize {
  return __heap_base
}
