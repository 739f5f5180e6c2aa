import { totalmem } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { readTokenManifest } from '../arrow/token-file.ts'
import { executableBackend } from '../backend/executable.ts'
import type { Context } from '../core/component.ts'
import { EtlError } from '../core/errors.ts'
import type { Storage } from '../core/storage.ts'
import type { TrainJob } from '../core/train-job.ts'
import type { BackendComponent, TrainerBackend } from '../core/trainer.ts'
import { imaginedTokens } from './imagined.ts'
import type { TrainManifest } from './manifest.ts'
import { type ChosenBackend, resolveJob } from './resolve.ts'
import { orderOf } from './settle.ts'

/** Backends by name, loaded on first use. */
export type Backends = Readonly<Record<string, () => Promise<BackendComponent>>>

/** A backend that has been created with its options. */
export interface OpenBackend {
  /** The name it was requested by, possibly an alias or a path. */
  readonly name: string
  readonly family: 'neural' | 'count'
  readonly options: TrainJob['backend']['options']
  readonly runtime: readonly string[]
  readonly check: (job: TrainJob) => readonly string[]
  readonly backend: TrainerBackend
}

/**
 * Opens a backend by name or alias. A name with a slash is the path of a program that speaks
 * protocol 1. Throws `component-unknown`, or `job-invalid` for invalid options.
 */
export async function openBackend(
  backends: Backends,
  name: string,
  options: TrainManifest['options'],
  context: Context,
): Promise<OpenBackend> {
  if (name.includes('/')) {
    const path = isAbsolute(name) ? name : resolve(context.folder, name)
    const backend = executableBackend({ command: [path] })
    return { name, family: 'neural', options, runtime: [], check: () => [], backend }
  }
  for (const load of [...(backends[name] ? [backends[name]] : []), ...Object.values(backends)]) {
    const component = await load()
    if (component.name !== name && !component.aliases?.includes(name)) continue
    const parsed = component.options.safeParse(options)
    if (!parsed.success) {
      const what = parsed.error.issues
        .map(({ path, message }) => `${path.join('.')}: ${message}`)
        .join('; ')
      throw new EtlError('job-invalid', { where: `options of ${name}`, what })
    }
    const backend = await component.create(parsed.data, context)
    const plain = JSON.parse(JSON.stringify(parsed.data)) as TrainJob['backend']['options']
    const { family, runtime = [], check = () => [] } = component
    return { name, family, options: plain, runtime, check, backend }
  }
  throw new EtlError('component-unknown', {
    what: `there is no backend "${name}"`,
    hint: `Known backends: ${Object.keys(backends).join(', ')}, cpu, cuda; or a path to a program.`,
  })
}

/**
 * The best backend that is ready on this machine: CUDA, then n-grams. A neural model is never
 * trained on a CPU unless requested.
 */
export async function bestBackend(backends: Backends, context: Context): Promise<string> {
  if (!backends.torch) return 'ngram'
  const { backend } = await openBackend(backends, 'cuda', {}, context)
  const { ready, devices } = await backend.probe()
  return ready && devices.some(({ name }) => name.startsWith('cuda')) ? 'cuda' : 'ngram'
}

/**
 * Opens the token shards of every corpus and resolves the job. `runs` is the absolute folder of all
 * runs. A job that is only `planned` may be for another machine than this one; with a `vocabulary`
 * of so many ids it needs no corpus.
 */
export async function prepareJob(
  storage: Storage,
  manifest: TrainManifest,
  opened: OpenBackend,
  runs: string,
  planned = false,
  vocabulary?: number,
): Promise<TrainJob> {
  const chosen = await chooseDevice(opened, planned)
  const corpora =
    vocabulary === undefined
      ? await Promise.all(
          manifest.corpora.map(async (folder) => {
            const path = join(folder, 'tokens', manifest.tokenizer)
            return { path, manifest: await readTokenManifest(storage, path) }
          }),
        )
      : [{ path: '', manifest: imaginedTokens(vocabulary) }]
  const resolved = (order?: TrainJob['data']['order']): TrainJob => {
    const job = resolveJob(manifest, corpora, chosen, runs, order)
    return { ...job, run: join(runs, job.name) }
  }
  const job = resolved()
  const begun = orderOf(job.run)
  return begun === undefined || begun === job.data.order ? job : resolved(begun)
}

/**
 * Probes a backend on this machine. Throws `backend-unready` if it is not ready, unless the job is
 * only planned.
 */
export async function chooseDevice(opened: OpenBackend, planned = false): Promise<ChosenBackend> {
  const { ready, devices, missing } = await opened.backend.probe()
  const device = deviceOf(
    opened,
    devices.map(({ name }) => name),
  )
  const wanted = devices.find(({ name }) => name.startsWith(device))
  if (!planned && (!ready || (opened.name === 'cuda' && !wanted)))
    throw unready(opened.name, missing)
  const { name, family, options, runtime } = opened
  return { name, family, device, options, runtime, memoryBytes: wanted?.memoryBytes ?? totalmem() }
}

function deviceOf({ name }: OpenBackend, devices: readonly string[]): ChosenBackend['device'] {
  if (name === 'cuda' || name === 'cpu') return name
  return devices.some((device) => device.startsWith('cuda')) && name !== 'ngram' ? 'cuda' : 'cpu'
}

function unready(
  name: string,
  missing: readonly { readonly what: string; readonly how: string }[],
): EtlError {
  const what = missing.map((one) => one.what).join('; ') || 'no CUDA device'
  const how = [...new Set(missing.map((one) => one.how))].join('; ')
  return new EtlError('backend-unready', {
    where: name,
    what,
    ...(how ? { hint: `${how} Or use --backend ngram.` } : {}),
  })
}
