/** The library's face: everything that the command line and other programs call. */

export { type Document, type DocumentKind, KINDS } from './core/document.ts'
export type { ErrorCode } from './core/error-codes.ts'
export { EtlError, isEtlError } from './core/errors.ts'
export type { Judgement, MeasureLimit } from './core/filter.ts'
export { type RunReport, SPLITS } from './core/report.ts'
export type { BenchResult, SliceResult, TrainEvent, TrainResult } from './core/train-events.ts'
export type { TrainJob } from './core/train-job.ts'
export type { TrainPlan } from './core/trainer.ts'
export {
  checkManifest,
  findCorpus,
  inspectCorpus,
  planRun,
  type RunCorpusOptions,
  type RunPlan,
  renderAgain,
  runCorpus,
  writeFirstManifest,
  writePerplexityModel,
} from './corpus.ts'
export type { InspectedDocument, InspectQuery } from './engine/corpus/browse.ts'
export type { DocumentStory } from './engine/corpus/story.ts'
export type { OnEvent, RunEvent } from './engine/events.ts'
export { nearestName } from './engine/plan/registry.ts'
export type { Trial } from './engine/try-filter.ts'
export { explainDocument, type Tried, type TryOptions, tryFilterOn } from './judging.ts'
export {
  type Finding,
  generatedFiles,
  inspectMachine,
  listParts,
  serveAsWorker,
  setUpPart,
} from './machine.ts'
export {
  type EvaluateOptions,
  type Evaluation,
  type ExportOptions,
  evaluateRun,
  exportModel,
  findRun,
  type GenerateOptions,
  generateText,
} from './model.ts'
export { VERSION } from './package.ts'
export {
  checkTraining,
  type PreparedTraining,
  prepareTraining,
  type TrainingProblems,
  type TrainOptions,
} from './preparing.ts'
export { backends, type ListedComponent, listComponents, registry } from './registry.ts'
export type { FertilityRow } from './tokenizer/fertility.ts'
export type { TokenizeEvent } from './tokenizer/tokenize.ts'
export { type TokenizeCorpusOptions, tokenizeCorpus, writeTokens } from './tokenizing.ts'
export { DEVICES, fits, largestMicroBatch, PF_DAY, timeOn } from './train/arithmetic.ts'
export type { Baselines } from './train/run.ts'
export {
  benchTraining,
  requestTraining,
  settleTraining,
  train,
  trainerReadiness,
} from './training.ts'
