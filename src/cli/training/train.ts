import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  benchTraining,
  EtlError,
  type PreparedTraining,
  prepareTraining,
  settleTraining,
  stopTraining,
  train,
} from '../../index.ts'
import { stoppable } from '../terminal/stoppable.ts'
import { eventDisplay } from './events.ts'
import { latestCorpus } from './latest.ts'
import { benchText, outcomeText, printPlan, slicesOf, sliceTable } from './tables.ts'
import { show as showTokenizing } from './tokenize.ts'

/** `etl train [manifest]` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const asJson = options.json === true
  if (options.bench === true) return bench(args[0], options, asJson)
  const text = (name: string): string | undefined =>
    options[name] === undefined ? undefined : String(options[name])
  const named = options.corpus as readonly string[] | undefined
  const isRun = args[0] !== undefined && existsSync(join(args[0], 'job.json'))
  if (isRun) return resume(args[0] ?? '', named, options)
  const corpora = named ?? (args[0] === undefined ? [await latestCorpus()] : undefined)
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
  }
  const given = Object.fromEntries(
    Object.entries(chosen).filter(([, value]) => value !== undefined),
  )
  const prepared = await prepareTraining({
    ...given,
    planned: options.plan === true,
    onTokenize: (event) => showTokenizing(event, asJson),
  })
  if (options.plan === true) return printPlan(prepared, asJson)
  return prepared.nodes > 1 ? elsewhere(prepared, asJson) : trainHere(prepared, asJson)
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
    ? printPlan(prepared, options.json === true)
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
    void stopTraining(job.run)
    process.stderr.write(
      '\nSaving and stopping; press Ctrl-C again to stop at once without saving.\n',
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
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
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
