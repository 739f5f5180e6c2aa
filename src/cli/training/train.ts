import { relative } from 'node:path'
import { requestControl } from '../../backend/control.ts'
import { EtlError } from '../../core/errors.ts'
import type { BenchResult, SliceResult, TrainEvent, TrainResult } from '../../core/train-events.ts'
import type { TrainJob } from '../../core/train-job.ts'
import type { TrainPlan } from '../../core/trainer.ts'
import { benchTraining, type PreparedTraining, prepareTraining } from '../../index.ts'
import { DEVICES, PF_DAY, timeOn } from '../../train/arithmetic.ts'
import { addBaselines } from '../../train/baseline.ts'
import { type Baselines, runTraining, settleElsewhere } from '../../train/run.ts'
import { stoppable } from '../terminal/stoppable.ts'
import { count, duration, isTerminal, paint, size, table } from '../terminal/terminal.ts'
import { latestCorpus } from './latest.ts'
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
  const corpora = named ?? (args[0] === undefined ? [await latestCorpus()] : undefined)
  const chosen = {
    manifest: args[0],
    corpora,
    backend: text('backend'),
    preset: text('preset'),
    name: text('name'),
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
  return prepared.nodes > 1 ? elsewhere(prepared, asJson) : train(prepared, asJson)
}

/**
 * Several nodes: their processes are started by the user, and the verdict is drawn from the events
 * they leave.
 */
function elsewhere({ job, backend, nodes }: PreparedTraining, asJson: boolean): number {
  const command = backend.nodeCommand?.(job, nodes)
  if (command === undefined) {
    throw new EtlError('job-invalid', {
      where: 'parallel.nodes',
      what: `${job.backend.name} trains on one node only`,
    })
  }
  const result = settleElsewhere(job)
  if (asJson)
    process.stdout.write(
      `${JSON.stringify({ type: 'nodes', run: job.run, nodes, command, result })}\n`,
    )
  else if (result)
    process.stdout.write(`${sliceTable(result.slices, {})}\n\n${outcomeText(job, result)}`)
  else
    process.stdout.write(
      `On each of the ${nodes} nodes, with ${job.run} shared between them:\n\n${command}\n`,
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

function benchText(found: BenchResult): string {
  const share = (value: number | null): string =>
    value === null ? 'unknown' : `${(value * 100).toFixed(1)} %`
  const { microBatch, accumulated, context } = found
  return table([
    [
      'model',
      `${found.preset}, ${count(found.parameters)} parameters, vocabulary ${count(found.vocabulary)}`,
    ],
    [
      'step',
      `${accumulated} × ${microBatch} samples of ${count(context)} tokens; ${found.timedSteps} timed`,
    ],
    ['speed', `${count(Math.round(found.tokensPerSecond))} tokens/s`],
    ['MFU, 6N + 12LDT', share(found.mfuFullAttention)],
    ['MFU, 6N', share(found.mfu6N)],
    ['peak memory', size(found.memoryBytes)],
    [
      'precision',
      `${found.precision}${found.compile ? ', compiled' : ''}, dropout ${found.dropout}`,
    ],
    ['on', `${found.ranks} × ${found.device}, torch ${found.torch}`],
  ])
}

/** Ctrl-C asks the backend to save and stop; a second one stops it at once. */
async function train(
  { job, backend, baselines }: PreparedTraining,
  asJson: boolean,
): Promise<number> {
  const controller = new AbortController()
  let asked = 0
  const stop = (): void => {
    if (asked++ > 0) {
      controller.abort(new EtlError('interrupted', { what: 'stopped at once' }))
      return
    }
    requestControl(job.run, 'stop')
    process.stderr.write('\nSaving and stopping; Ctrl-C again stops at once, without saving.\n')
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const show = eventDisplay(job, asJson)
  try {
    const result = await runTraining(job, backend, controller.signal, show)
    const counted = baselines ? await addBaselines(job, result, baselines, controller.signal) : {}
    if (asJson)
      process.stdout.write(
        `${JSON.stringify({ type: 'result', run: job.run, ...result, baselines: slicesOf(counted) })}\n`,
      )
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

function outcomeText(job: TrainJob, { outcome, tokens }: TrainResult): string {
  return `${outcome}: ${count(tokens)} tokens\n${relative(process.cwd(), job.run) || '.'}/report.html\n`
}

/**
 * One living line on a terminal, a line every few seconds elsewhere, the events themselves with
 * `--json`.
 */
function eventDisplay(job: TrainJob, asJson: boolean): (event: TrainEvent) => void {
  if (asJson) return (event) => void process.stdout.write(`${JSON.stringify(event)}\n`)
  const fancy = isTerminal()
  let lastLine = 0
  const say = (line: string): void =>
    void process.stderr.write(`${fancy ? '\r\u001B[2K' : ''}${line}\n`)
  return (event) => {
    if (event.type === 'hello') {
      say(
        `${paint('cyan', 'train')}   ${job.name}: ${event.backend} on ${event.devices.map(({ name }) => name).join(', ') || 'this machine'}`,
      )
    } else if (event.type === 'plan' && event.resumedFrom)
      say(`        going on from ${event.resumedFrom}`)
    else if (event.type === 'step') {
      const line = `        ${stepText(event, job.data.tokens)}`
      if (fancy)
        process.stderr.write(`\r\u001B[2K${line.slice(0, (process.stderr.columns || 80) - 1)}`)
      else if (Date.now() - lastLine > 5000) {
        lastLine = Date.now()
        say(line)
      }
    } else if (event.type === 'eval') {
      say(
        `        eval: ${event.slices.map(({ slice, perplexity }) => `${slice} perplexity ${perplexity.toFixed(2)}`).join(' · ')}`,
      )
    } else if (event.type === 'contamination') {
      const found = event.slices.filter((slice) => slice.found > 0)
      if (found.length === 0) return
      const shares = found.map(
        ({ slice, documents, found: shared }) => `${shared} of ${documents} in ${slice}`,
      )
      say(
        `${paint('yellow', 'overlap')} held-out documents with ${event.run} tokens in a row of train: ${shares.join(', ')}`,
      )
    } else if (event.type === 'checkpoint') say(`        saved ${event.path}, ${size(event.bytes)}`)
    else if (event.type === 'spike') say(`${paint('yellow', 'spike')}   step ${event.step} skipped`)
    else if (event.type === 'warn') say(`${paint('yellow', 'warning')} ${event.message}`)
  }
}

function stepText(event: TrainEvent & { type: 'step' }, total: number): string {
  const { step, tokens, smoothed, loss, tokensPerSecond, mfu, memoryBytes } = event
  const shown = smoothed ?? loss
  return [
    `step ${count(step)}`,
    `${((tokens / total) * 100).toFixed(1)} %`,
    shown === null ? '' : `loss ${shown.toFixed(4)}`,
    `${count(Math.round(tokensPerSecond))} tok/s`,
    mfu === null ? '' : `MFU ${(mfu * 100).toFixed(1)} %`,
    size(memoryBytes),
    tokensPerSecond > 0 ? `about ${duration((total - tokens) / tokensPerSecond)} left` : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

function slicesOf(baselines: Baselines): Readonly<Record<string, readonly SliceResult[]>> {
  return Object.fromEntries(Object.entries(baselines).map(([name, { slices }]) => [name, slices]))
}

/** The model's scores, and the losses of counting on the same tokens. */
function sliceTable(
  slices: readonly SliceResult[],
  baselines: Readonly<Record<string, readonly SliceResult[]>>,
): string {
  const others = Object.entries(baselines).filter(([, scores]) => scores.length > 0)
  const rows = slices.map(({ slice, tokens, loss, perplexity, bitsPerByte }) => [
    slice,
    count(tokens),
    loss.toFixed(4),
    ...others.map(([, scores]) => scores.find((one) => one.slice === slice)?.loss.toFixed(4) ?? ''),
    perplexity.toFixed(2),
    bitsPerByte.toFixed(4),
  ])
  const head = [
    'held-out text',
    'tokens',
    'loss',
    ...others.map(([name]) => `of ${name}`),
    'perplexity',
    'bits/byte',
  ]
  return table([head, ...rows])
}

async function printPlan(prepared: PreparedTraining, asJson: boolean): Promise<number> {
  const { job } = prepared
  const plan = await prepared.plan()
  const command =
    prepared.nodes > 1 ? prepared.backend.nodeCommand?.(job, prepared.nodes) : undefined
  const devices = DEVICES.map((device) => ({ ...device, ...timeOn(device, plan.flops) }))
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ job, plan, devices, ...(command && { command }) })}\n`)
    return 0
  }
  process.stdout.write(`${planText(job, plan)}\n`)
  if (command) process.stdout.write(`\nOn each of the ${prepared.nodes} nodes:\n${command}\n`)
  if (plan.flops > 0) {
    const rows = devices.map(({ name, utilisation, days, dollars, memoryBytes }) => [
      name,
      `${(utilisation * 100).toFixed(0)} %`,
      days < 0.1 ? duration(days * 86_400) : `${days.toFixed(1)} days`,
      `$${count(Math.ceil(dollars))}`,
      plan.memoryBytes < memoryBytes ? 'fits' : 'does not fit',
    ])
    process.stdout.write(`\n${table([['on', 'of peak', 'takes', 'costs', 'memory'], ...rows])}\n`)
  }
  return 0
}

function planText(job: TrainJob, plan: TrainPlan): string {
  const rows = [
    ['run', job.name],
    ['backend', `${job.backend.name}, ${job.preset}`],
    ['parameters', `${count(plan.parameters)} (${count(plan.bodyParameters)} without embeddings)`],
    [
      'tokens',
      `${count(plan.tokens)}${plan.flops > 0 ? `, ${(plan.tokens / plan.parameters).toFixed(1)} a parameter` : ''}`,
    ],
    ['steps', count(plan.steps)],
    ...(plan.flops > 0
      ? [
          [
            'operations',
            `${plan.flops.toExponential(2)} = ${(plan.flops / PF_DAY).toPrecision(3)} PF-days`,
          ],
        ]
      : []),
    ['memory', size(plan.memoryBytes)],
    ...job.data.mixture.map(({ name, tokens, available }) => [
      `mixture ${name}`,
      `${count(tokens)} tokens, ${(tokens / available).toFixed(2)} epochs`,
    ]),
    ...plan.notes.map((note) => ['note', note]),
  ]
  return table(rows)
}
