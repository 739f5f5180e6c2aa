import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainEvent } from '../core/train-events.ts'
import { replaceFile } from '../files/replace-file.ts'

type Step = TrainEvent & { readonly type: 'step' }
type Evaluation = TrainEvent & { readonly type: 'eval' }

/** Milliseconds between two renewals of the report. */
const RENEWED_EVERY = 3 * 60_000

/** Columns of `metrics.csv`, one row a step. */
const METRICS: Readonly<Record<string, (step: Step) => number | null>> = {
  step: ({ step }) => step,
  tokens: ({ tokens }) => tokens,
  loss: ({ loss }) => loss,
  smoothed_loss: ({ smoothed }) => smoothed,
  gradient_norm: ({ gradNorm }) => gradNorm,
  learning_rate: ({ lr }) => lr,
  tokens_per_second: ({ tokensPerSecond }) => tokensPerSecond,
  mfu: ({ mfu }) => mfu,
  memory_bytes: ({ memoryBytes }) => memoryBytes,
  data_wait_ms: ({ dataWaitMs }) => dataWaitMs,
}
/** Columns of `evaluations.csv`, one row a slice. */
const SCORES = ['step', 'tokens', 'slice', 'loss', 'perplexity', 'bits_per_byte']

/**
 * Follows the events of a run for people: rows in `metrics.csv` and `evaluations.csv`, which a
 * resumed run continues without repeating a step, and `renew` every three minutes. What fails here
 * stops no training; `warn` is told once.
 */
export function watchRun(
  run: string,
  renew: () => void,
  warn: (message: string) => void,
): (event: TrainEvent) => void {
  const metrics = csvFile(join(run, 'metrics.csv'), Object.keys(METRICS))
  const scores = csvFile(join(run, 'evaluations.csv'), SCORES)
  let renewed = Date.now()
  let failed = false
  const attempt = (write: () => void): void => {
    try {
      write()
    } catch (error) {
      if (!failed) warn(`metrics and report are not up to date: ${String(error)}`)
      failed = true
    }
  }
  return (event) => {
    attempt(() => {
      if (event.type === 'step')
        metrics(event.step, [Object.values(METRICS).map((of) => of(event))])
      if (event.type === 'eval') scores(event.step, rowsOf(event))
    })
    if (Date.now() - renewed < RENEWED_EVERY) return
    renewed = Date.now()
    attempt(renew)
  }
}

const rowsOf = ({ step, trainTokens, slices }: Evaluation): (string | number)[][] =>
  slices.map(({ slice, loss, perplexity, bitsPerByte }) => [
    ...[step, trainTokens, slice, loss, perplexity, bitsPerByte],
  ])

type Row = readonly (string | number | null)[]

/**
 * A function that adds rows of a step to a CSV file. Before the first ones it removes rows of this
 * step and later ones, which an earlier process wrote after its last checkpoint.
 */
function csvFile(path: string, head: readonly string[]) {
  let begun = false
  return (step: number, rows: readonly Row[]): void => {
    if (!begun) keepBefore(path, head, step)
    begun = true
    appendFileSync(path, rows.map((row) => `${row.map((cell) => cell ?? '').join(',')}\n`).join(''))
  }
}

function keepBefore(path: string, head: readonly string[], step: number): void {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(1) : []
  const kept = lines.filter((line) => line !== '' && Number(line.split(',')[0]) < step)
  replaceFile(path, [head.join(','), ...kept, ''].join('\n'))
}
