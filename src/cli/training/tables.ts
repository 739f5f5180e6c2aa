import { relative } from 'node:path'
import type {
  Baselines,
  BenchResult,
  PreparedTraining,
  SliceResult,
  TrainJob,
  TrainPlan,
  TrainResult,
} from '../../index.ts'
import { DEVICES, PF_DAY, timeOn } from '../../index.ts'
import { count, duration, size, table } from '../terminal/terminal.ts'

/** What `etl train` prints besides events: its plan, the scores of a run, the speed of its steps. */

export function outcomeText(job: TrainJob, { outcome, tokens }: TrainResult): string {
  return `${outcome}: ${count(tokens)} tokens\n${relative(process.cwd(), job.run) || '.'}/report.html\n`
}

/** The model's scores, and the losses of counting on the same tokens. */
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

export function slicesOf(baselines: Baselines): Readonly<Record<string, readonly SliceResult[]>> {
  return Object.fromEntries(Object.entries(baselines).map(([name, { slices }]) => [name, slices]))
}

export function benchText(found: BenchResult): string {
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

export async function printPlan(prepared: PreparedTraining, asJson: boolean): Promise<number> {
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
