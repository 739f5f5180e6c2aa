import { join, relative, resolve } from 'node:path'
import { localStorage } from './files/local-storage.ts'
import { backends } from './registry.ts'
import { trainingContext } from './train/context.ts'

/** What can be done with a trained model. */

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
  const { readVocabulary, tokenizerOf } = await import('./tokenizer/tokenizer.ts')
  const folder = resolve(run)
  const job = readRun(folder)
  const { tokenizer } = job.data
  const { backend } = await openBackend(
    backends,
    job.backend.name,
    job.backend.options,
    trainingContext(folder),
  )
  const codec = tokenizerOf(await readVocabulary(tokenizer.path))
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
  const { name, options: given } = readRun(folder).backend
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
