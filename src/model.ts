import { existsSync } from 'node:fs'
import { appendFile, readdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { EtlError } from './core/errors.ts'
import type { SliceResult } from './core/train-events.ts'
import type { EvalSlice, TrainJob } from './core/train-job.ts'
import { lastUsed } from './files/last-used.ts'
import { localStorage } from './files/local-storage.ts'
import { backends } from './registry.ts'
import type { Vocabulary } from './tokenizer/vocabulary.ts'
import { trainingContext } from './train/context.ts'

/** What can be done with a trained model. */

/** Files of a run that change while it trains. */
const USED = ['job.json', 'events.jsonl', 'latest', 'result.json']

/** The run in a folder of runs that trained last. Throws `run-missing` if there is none. */
export async function findRun(runs: string): Promise<string> {
  const names = await readdir(runs).catch(() => [])
  const folders = names.map((name) => join(runs, name))
  const found = await lastUsed(
    folders.filter((folder) => existsSync(join(folder, 'job.json'))),
    USED,
  )
  if (found !== undefined) return found
  throw new EtlError('run-missing', { where: runs, what: 'no run here' })
}

export interface GenerateOptions {
  readonly prompt: string
  readonly checkpoint?: string
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly seed?: number
}

/** Continues a prompt with the model of a run. Yields the new text piece by piece. */
export async function* generateText(run: string, options: GenerateOptions): AsyncIterable<string> {
  const { readRun } = await import('./train/settle.ts')
  const { openBackend } = await import('./train/prepare.ts')
  const { tokenizerOf } = await import('./tokenizer/tokenizer.ts')
  const folder = resolve(run)
  const job = readRun(folder)
  const { tokenizer } = job.data
  const { backend } = await openBackend(
    backends,
    job.backend.name,
    job.backend.options,
    trainingContext(folder),
  )
  const codec = tokenizerOf(await runVocabulary(folder, job))
  const stream = codec.stream()
  const ids = backend.generate({
    protocol: 1,
    task: 'generate',
    run: folder,
    checkpoint: options.checkpoint ?? 'latest',
    prompt: [...(tokenizer.bos === null ? [] : [tokenizer.bos]), ...codec.encode(options.prompt)],
    maxTokens: options.maxTokens ?? 128,
    temperature: options.temperature ?? 0.8,
    topP: options.topP ?? 0.95,
    topK: options.topK ?? 0,
    stop: [tokenizer.eos],
    seed: options.seed ?? 1,
  })
  for await (const group of ids) yield stream.push(group)
  yield stream.end()
}

/**
 * The vocabulary of a run: its own copy, or that of the token shards for runs of the first release.
 * Throws `data-mismatch` if it is another one than the model was trained with.
 */
async function runVocabulary(run: string, { data }: TrainJob): Promise<Vocabulary> {
  const { RUN_TOKENIZER } = await import('./train/settle.ts')
  const { readVocabulary } = await import('./tokenizer/tokenizer.ts')
  const { vocabularyHash } = await import('./tokenizer/vocabulary.ts')
  const own = join(run, RUN_TOKENIZER)
  const path = existsSync(own) ? own : data.tokenizer.path
  const vocabulary = await readVocabulary(path)
  const found = vocabularyHash(vocabulary)
  const { sha256, vocab } = data.tokenizer
  if (found === sha256) return vocabulary
  throw new EtlError('data-mismatch', {
    where: path,
    what:
      `${vocabulary.pieces.length} ids with hash ${found.slice(0, 12)}…, but the model was ` +
      `trained with ${vocab} ids of ${sha256.slice(0, 12)}…`,
    hint: `Put the tokenizer.model or tokenizer.json it was trained with into ${own}.`,
  })
}

export interface EvaluateOptions {
  readonly checkpoint?: string
  /** Names of slices; all of the job by default. */
  readonly slices?: readonly string[]
  /** Tokens of each slice instead of the job's. */
  readonly tokens?: number
}

/** The scores of a checkpoint, and what was scored. */
export interface Evaluation {
  readonly checkpoint: string
  readonly asked: readonly EvalSlice[]
  readonly slices: readonly SliceResult[]
}

/**
 * Scores held-out text with a checkpoint of a run, and adds the result, with its settings, as a
 * line to `evaluations.jsonl` of the run. Throws `job-invalid` for a slice that the job lacks.
 */
export async function evaluateRun(
  run: string,
  { checkpoint = 'latest', slices: names, tokens }: EvaluateOptions = {},
): Promise<Evaluation> {
  const { readRun } = await import('./train/settle.ts')
  const { openBackend } = await import('./train/prepare.ts')
  const folder = resolve(run)
  const job = readRun(folder)
  const known = job.eval.slices.map(({ name }) => name)
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined || known.length === 0) {
    throw new EtlError('job-invalid', {
      where: run,
      what: unknown === undefined ? 'it has no held-out text' : `there is no slice "${unknown}"`,
      hint: `Slices: ${known.join(', ') || 'none'}.`,
    })
  }
  const asked = job.eval.slices
    .filter(({ name }) => names?.includes(name) ?? true)
    .map((slice) => ({ ...slice, tokens: tokens ?? slice.tokens }))
  const { name, options } = job.backend
  const { backend } = await openBackend(backends, name, options, trainingContext(folder))
  const evaluation = { protocol: 1, task: 'eval', run: folder, checkpoint, slices: asked } as const
  const slices = await backend.evaluate(evaluation)
  const line = { time: new Date().toISOString(), checkpoint, asked, slices }
  await appendFile(join(folder, 'evaluations.jsonl'), `${JSON.stringify(line)}\n`)
  return { checkpoint, asked, slices }
}

export interface ExportOptions {
  readonly checkpoint?: string
  /** Output folder, `huggingface` in the run's folder by default. It must be empty or missing. */
  readonly output?: string
}

/**
 * Writes the model of a run as a Hugging Face folder: weights, config, tokenizer, chat template,
 * generation settings.
 */
export async function exportModel(
  run: string,
  options: ExportOptions = {},
): Promise<{
  readonly folder: string
  readonly checkpoint: string
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
}> {
  const { readRun } = await import('./train/settle.ts')
  const { openBackend } = await import('./train/prepare.ts')
  const folder = resolve(run)
  const job = readRun(folder)
  const { name, options: given } = job.backend
  await runVocabulary(folder, job)
  const { backend } = await openBackend(backends, name, given, trainingContext(folder))
  const checkpoint = options.checkpoint ?? 'latest'
  const output = resolve(options.output ?? join(folder, 'huggingface'))
  await backend.export({
    protocol: 1,
    task: 'export',
    run: folder,
    checkpoint,
    format: 'huggingface',
    output,
  })
  const written = await localStorage().find(output)
  const files = written.map(({ path, size }) => ({ path: relative(output, path), bytes: size }))
  return { folder: output, checkpoint, files }
}
