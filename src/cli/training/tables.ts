import { relative } from 'node:path'
import {
  type Baselines,
  type BenchResult,
  DEVICES,
  fits,
  largestMicroBatch,
  PF_DAY,
  type PreparedTraining,
  type SliceResult,
  type TrainJob,
  type TrainPlan,
  type TrainResult,
  timeOn,
} from '../../index.ts'
import { count, duration, size, table } from '../terminal/terminal.ts'

/**
 * What `etl train` prints besides events: its plan, the scores of a run, and the speed of its
 * steps.
 */

/** How the run ended, and the path of its report. */
export function outcomeText(job: TrainJob, { outcome, tokens }: TrainResult): string {
  const folder = relative(process.cwd(), job.run) || '.'
  return `${outcome}: ${count(tokens)} tokens\n${folder}/report.html\n`
}

/** The scores of the model, beside the losses of the n-gram baselines on the same tokens. */
export function sliceTable(
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

/** The scores of each baseline, by its name. */
export function slicesOf(baselines: Baselines): Readonly<Record<string, readonly SliceResult[]>> {
  return Object.fromEntries(Object.entries(baselines).map(([name, { slices }]) => [name, slices]))
}

/** The speed of training steps, as a table. */
export function benchText(found: BenchResult): string {
  const share = (value: number | null): string =>
    value === null ? 'unknown' : `${(value * 100).toFixed(1)} %`
  const { microBatch, accumulated, context } = found
  const [parameters, vocabulary] = [count(found.parameters), count(found.vocabulary)]
  return table([
    ['model', `${found.preset}, ${parameters} parameters, vocabulary ${vocabulary}`],
    ['step', `${accumulated} × ${microBatch} samples of ${count(context)} tokens`],
    ['timed steps', count(found.timedSteps)],
    ['speed', `${count(Math.round(found.tokensPerSecond))} tokens/s`],
    ['MFU, 6N + 12LDT', share(found.mfuFullAttention)],
    ['MFU, 6N', share(found.mfu6N)],
    ['peak memory', size(found.memoryBytes)],
    [
      'precision',
      `${found.precision}${found.compile ? ', compiled' : ''}, dropout ${found.dropout}`,
    ],
    ['device', `${found.ranks} × ${found.device}, torch ${found.torch}`],
  ])
}

/** Prints what a run would take, on this and other devices; returns the exit code. */
export async function printPlan(
  prepared: PreparedTraining,
  asJson: boolean,
  dollarsPerHour?: number,
): Promise<number> {
  const { job, backend, nodes } = prepared
  const plan = await prepared.plan()
  const command = nodes > 1 ? backend.nodeCommand?.(job, nodes) : undefined
  const isNeural = plan.flops > 0
  const devices = DEVICES.map((device) => ({
    ...device,
    ...timeOn(device, plan.flops, job.parallel.ranks, dollarsPerHour),
    fits: fits(plan.memoryBytes, device.memoryBytes),
    microTokens: isNeural ? largestMicroBatch(job, device.memoryBytes) : 0,
  }))
  const here = (await backend.probe()).devices.map(({ name, memoryBytes }) => ({
    name,
    memoryBytes,
    fits: fits(plan.memoryBytes, memoryBytes),
    microTokens: isNeural ? largestMicroBatch(job, memoryBytes) : 0,
  }))
  if (asJson) {
    const printed = { job, plan, devices, here, ...(command && { command }) }
    process.stdout.write(`${JSON.stringify(printed)}\n`)
    return 0
  }
  process.stdout.write(`${planText(job, plan)}\n`)
  if (command) process.stdout.write(`\nRun on each of the ${nodes} nodes:\n${command}\n`)
  if (!isNeural) return 0
  const { ranks } = job.parallel
  const rows = devices.map(({ name, utilisation, days, dollars, ...device }) => [
    `${ranks} × ${name}`,
    `${(utilisation * 100).toFixed(0)} %`,
    days < 0.1 ? duration(days * 86_400) : `${days.toFixed(1)} days`,
    `$${count(Math.ceil(dollars))}`,
    ...memoryCells(device),
  ])
  const local = here.map(({ name, ...device }) => [
    `here: ${name}`,
    '',
    '',
    '',
    ...memoryCells(device),
  ])
  const head = ['device', 'of peak', 'time', 'cost', 'memory', 'largest micro-batch']
  process.stdout.write(`\n${table([head, ...rows, ...local])}\n`)
  return 0
}

function memoryCells(device: { readonly fits: boolean; readonly microTokens: number }): string[] {
  const { microTokens } = device
  return [
    device.fits ? 'fits' : 'does not fit',
    microTokens === 0 ? 'none' : `${count(microTokens)} tokens`,
  ]
}

function planText(job: TrainJob, plan: TrainPlan): string {
  const ratio = (plan.tokens / plan.parameters).toFixed(1)
  const rows = [
    ['run', job.name],
    ['backend', `${job.backend.name}, ${job.preset}`],
    ['parameters', `${count(plan.parameters)} (${count(plan.bodyParameters)} without embeddings)`],
    ['tokens', `${count(plan.tokens)}${plan.flops > 0 ? `, ${ratio} per parameter` : ''}`],
    ['steps', `${count(plan.steps)}, of up to ${count(job.batch.tokens)} tokens`],
    ...(plan.flops > 0
      ? [
          [
            'operations',
            `${plan.flops.toExponential(2)} = ${(plan.flops / PF_DAY).toPrecision(3)} PF-days`,
          ],
        ]
      : []),
    ['memory of a rank', memoryText(plan)],
    ...(plan.disk ? [['checkpoints', diskText(plan.disk)]] : []),
    ...job.data.mixture.map(({ name, tokens, available }) => [
      `mixture ${name}`,
      `${count(tokens)} tokens, ${(tokens / available).toFixed(2)} epochs`,
    ]),
    ...plan.notes.map((note) => ['note', note]),
  ]
  return table(rows)
}

/** `46.1 GB: weights 11.5 GB, …`, the largest first. */
function memoryText({ memoryBytes, memory }: TrainPlan): string {
  if (!memory) return size(memoryBytes)
  const parts = Object.entries(memory)
    .filter(([name, bytes]) => name !== 'total' && bytes > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${name} ${size(bytes)}`)
  return `${size(memoryBytes)}: ${parts.join(', ')}`
}

function diskText({ each, permanent, rolling, bytes }: NonNullable<TrainPlan['disk']>): string {
  const kinds = `${count(permanent)} permanent${rolling > 0 ? `, ${rolling} rolling` : ''}`
  return `${size(bytes)}: ${kinds}, ${size(each)} each`
}
