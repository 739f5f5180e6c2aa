// Everything that kernels.wasm exports, one line per kernel.
export { writeBands } from './bands/assembly'
export { encodeBpe } from './bpe/assembly'
export { candidateLines } from './candidates/assembly-candidate-lines'
export { scanCandidates } from './candidates/assembly'
export { countCharacters } from './characters/assembly'
export { defectsOfRows } from './defects/assembly'
export { sumFastTextRows } from './fasttext/assembly'
export { foldWords } from './fold/assembly'
export { scanJson } from './json/assembly'
export { foldLines, linesWithText } from './line-fold/assembly'
export {
  fillRound, finishClassic, finishLanes, lowestLanes, resetLanes, shingleHashes,
} from './minhash/assembly'
export { plainProse } from './prose/assembly'
export { digestRows } from './sha256/assembly'
export { addStopWords, countStatistics } from './statistics/assembly'
export { scatterWords, sortWords } from './word-records/assembly'
export { countWords } from './words/assembly'

/** First address after the module's own data, where the host's arena starts. */
export function heapBase(): usize {
  return __heap_base
}
