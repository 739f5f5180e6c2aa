import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  benchTraining,
  EtlError,
  type PreparedTraining,
  prepareTraining,
  requestTraining,
  settleTraining,
  train,
} from '../../index.ts'
import { stoppable } from '../terminal/stoppable.ts'
import { eventDisplay } from './events.ts'
import { numberOf } from './generate.ts'
import { latestCorpus, latestRun } from './latest.ts'
import { benchText, outcomeText, printPlan, slicesOf, sliceTable } from './tables.ts'
import { show as showTokenizing } from './tokenize.ts'

/** `etl train [manifest]` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const asJson = options.json === true
  if (options.bench === true) return bench(args[0], options, asJson)
  const request = REQUESTS.find(({ name }) => options[name] === true)
  if (request) return ask(args[0] ?? (await latestRun(String(options.runs))), request, asJson)
  const text = (name: string): string | undefined =>
    options[name] === undefined ? undefined : String(options[name])
  const named = options.corpus as readonly string[] | undefined
  const isRun = args[0] !== undefined && existsSync(join(args[0], 'job.json'))
  if (isRun) return resume(args[0] ?? '', named, options)
  if (options.vocabulary !== undefined && options.plan !== true)
    throw new EtlError('usage', { where: '--vocabulary', what: 'it is for --plan only' })
  const isOpen = args[0] === undefined && options.vocabulary === undefined
  const corpora = named ?? (isOpen ? [await latestCorpus()] : undefined)
  const chosen = {
    manifest: args[0],
    corpora,
    backend: text('backend'),
    preset: text('preset'),
    name: text('name'),
    fork: text('fork'),
    checkpoint: text('checkpoint'),
    runs: text('runs'),
    tokens: text('tokens') === undefined ? undefined : Number(text('tokens')),
    vocabulary: text('vocabulary') === undefined ? undefined : Number(text('vocabulary')),
  }
  const given = Object.fromEntries(
    Object.entries(chosen).filter(([, value]) => value !== undefined),
  )
  const prepared = await prepareTraining({
    ...given,
    planned: options.plan === true,
    onTokenize: (event) => showTokenizing(event, asJson),
  })
  if (options.plan === true) return printPlan(prepared, asJson, rateOf(options))
  return prepared.nodes > 1 ? elsewhere(prepared, asJson) : trainHere(prepared, asJson)
}

/** Dollars for an hour of a device, if they are given. */
const rateOf = (options: Readonly<Record<string, unknown>>): number | undefined =>
  options.rate === undefined ? undefined : numberOf(options, 'rate', 0)

/** Options that ask a running training for something. */
const REQUESTS = [
  { name: 'stop', action: 'stop', says: 'save and stop' },
  { name: 'save', action: 'checkpoint', says: 'save' },
  { name: 'evaluate', action: 'eval', says: 'evaluate' },
] as const

/** `etl train --stop|--save|--evaluate [run]` */
async function ask(
  run: string,
  { action, says }: (typeof REQUESTS)[number],
  asJson: boolean,
): Promise<number> {
  await requestTraining(run, action)
  if (asJson) process.stdout.write(`${JSON.stringify({ run, action })}\n`)
  else process.stdout.write(`${run} will ${says} after the step it is at.\n`)
  return 0
}

/** Options that say what to train, which a run has decided. */
const DECIDED = ['backend', 'preset', 'tokens', 'name', 'fork', 'checkpoint']

/** `etl train <run>`: goes on with the job of a run as it was, whatever has changed since. */
async function resume(
  run: string,
  corpora: readonly string[] | undefined,
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const given = DECIDED.find((name) => options[name] !== undefined)
  if (given !== undefined) {
    throw new EtlError('usage', {
      where: `--${given}`,
      what: `${run} goes on with its own job`,
      hint: 'Give the manifest instead of the run, with --fork <name> for other values.',
    })
  }
  const planned = options.plan === true
  const prepared = await prepareTraining({ resume: run, planned, ...(corpora && { corpora }) })
  return planned
    ? printPlan(prepared, options.json === true, rateOf(options))
    : trainHere(prepared, options.json === true)
}

/**
 * A run on several nodes. The user starts its processes; its result is derived from the events they
 * leave.
 */
async function elsewhere(prepared: PreparedTraining, asJson: boolean): Promise<number> {
  const { job, backend, nodes } = prepared
  const command = backend.nodeCommand?.(job, nodes)
  if (command === undefined) {
    throw new EtlError('job-invalid', {
      where: 'parallel.nodes',
      what: `${job.backend.name} trains on one node only`,
    })
  }
  const result = await settleTraining(prepared)
  if (asJson)
    process.stdout.write(
      `${JSON.stringify({ type: 'nodes', run: job.run, nodes, command, result })}\n`,
    )
  else if (result)
    process.stdout.write(`${sliceTable(result.slices, {})}\n\n${outcomeText(job, result)}`)
  else
    process.stdout.write(
      `Run on each of the ${nodes} nodes, which must share ${job.run}:\n\n${command}\n`,
    )
  return result?.exitCode ?? 0
}

/** `etl train --bench` */
async function bench(
  manifest: string | undefined,
  options: Readonly<Record<string, unknown>>,
  asJson: boolean,
): Promise<number> {
  const chosen = { manifest, backend: options.backend, preset: options.preset }
  const given = Object.fromEntries(
    Object.entries(chosen).filter(([, value]) => value !== undefined),
  )
  const found = await stoppable((signal) => benchTraining({ ...given, signal }))
  if (asJson) process.stdout.write(`${JSON.stringify(found)}\n`)
  else process.stdout.write(`${benchText(found)}\n`)
  return 0
}

/**
 * Trains on this machine. Ctrl-C asks the backend to save and stop; a second one stops it at once.
 */
async function trainHere(prepared: PreparedTraining, asJson: boolean): Promise<number> {
  const { job } = prepared
  const controller = new AbortController()
  let asked = 0
  const stop = (): void => {
    if (asked++ > 0) {
      controller.abort(new EtlError('interrupted', { what: 'stopped at once' }))
      return
    }
    void requestTraining(job.run, 'stop').catch(() => controller.abort())
    process.stderr.write(
      '\nSaving and stopping; press Ctrl-C again to stop at once without saving.\n',
    )
  }
  // SIGHUP is a closed terminal, to which nothing can be written any more.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const show = eventDisplay(job, asJson)
  try {
    const { result, baselines: counted } = await train(prepared, controller.signal, show)
    const printed = { type: 'result', run: job.run, ...result, baselines: slicesOf(counted) }
    if (asJson) process.stdout.write(`${JSON.stringify(printed)}\n`)
    else
      process.stdout.write(
        `\n${sliceTable(result.slices, slicesOf(counted))}\n\n${outcomeText(job, result)}`,
      )
    return result.exitCode
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
