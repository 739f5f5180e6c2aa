import type { TrainEvent, TrainJob } from '../../index.ts'
import { count, duration, isTerminal, paint, size } from '../terminal/terminal.ts'

/** How training events are printed. */

/**
 * Shows training events on standard error: one line that is updated in place on a terminal, a line
 * every few seconds elsewhere. With `asJson`, prints the events themselves to standard output.
 */
export function eventDisplay(job: TrainJob, asJson: boolean): (event: TrainEvent) => void {
  if (asJson) return (event) => void process.stdout.write(`${JSON.stringify(event)}\n`)
  const fancy = isTerminal()
  let lastLine = 0
  const progress = progressText(job.data.tokens)
  const say = (line: string): void =>
    void process.stderr.write(`${fancy ? '\r\u001B[2K' : ''}${line}\n`)
  return (event) => {
    if (event.type === 'hello') {
      const devices = event.devices.map(({ name }) => name).join(', ') || 'this machine'
      say(`${paint('cyan', 'train')}   ${job.name}: ${event.backend} on ${devices}`)
    } else if (event.type === 'plan' && event.resumedFrom)
      say(`        resuming from ${event.resumedFrom}`)
    else if (event.type === 'step') {
      const line = `        ${progress(event)}`
      if (fancy)
        process.stderr.write(`\r\u001B[2K${line.slice(0, (process.stderr.columns || 80) - 1)}`)
      else if (Date.now() - lastLine > 5000) {
        lastLine = Date.now()
        say(line)
      }
    } else if (event.type === 'eval') {
      const scores = event.slices.map(
        ({ slice, perplexity }) => `${slice} perplexity ${perplexity.toFixed(2)}`,
      )
      say(`        eval: ${scores.join(' · ')}`)
    } else if (event.type === 'contamination') {
      const found = event.slices.filter((slice) => slice.found > 0)
      if (found.length === 0) return
      const shares = found.map(
        ({ slice, documents, found: shared }) => `${shared} of ${documents} in ${slice}`,
      )
      say(
        `${paint('yellow', 'overlap')} held-out documents that share ` +
          `${event.run} tokens in a row with train: ${shares.join(', ')}`,
      )
    } else if (event.type === 'checkpoint') say(`        saved ${event.path}, ${size(event.bytes)}`)
    else if (event.type === 'spike') say(`${paint('yellow', 'spike')}   step ${event.step} skipped`)
    else if (event.type === 'warn') say(`${paint('yellow', 'warning')} ${event.message}`)
  }
}

const BARS = '▁▂▃▄▅▆▇█'
/** Points of the curve, each the mean of as many steps as the run has for it. */
const CURVE_POINTS = 16
/** Steps whose speed tells how long the rest takes. */
const RECENT_STEPS = 50

/** Values as bars, the smallest and the largest of them at the ends of the scale. */
export function sparkline(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const scale = (BARS.length - 1) / (high - low || 1)
  return values.map((value) => BARS[Math.round((value - low) * scale)]).join('')
}

/** A function that shows a step, with the curve of the loss so far and the time that is left. */
export function progressText(total: number): (event: TrainEvent & { type: 'step' }) => string {
  /** Means of the loss over equal stretches of the run; the last one may be unfinished. */
  const curve: { sum: number; count: number }[] = []
  const speeds: number[] = []
  return (event) => {
    const { step, tokens, smoothed, loss, lr, tokensPerSecond, mfu, memoryBytes } = event
    const shown = smoothed ?? loss
    if (loss !== null) {
      const place = Math.min(CURVE_POINTS - 1, Math.floor((tokens / total) * CURVE_POINTS))
      const point = curve[place] ?? { sum: 0, count: 0 }
      curve[place] = { sum: point.sum + loss, count: point.count + 1 }
    }
    if (tokensPerSecond > 0) speeds.push(tokensPerSecond)
    if (speeds.length > RECENT_STEPS) speeds.shift()
    const speed = speeds.reduce((sum, one) => sum + one, 0) / Math.max(1, speeds.length)
    const means = curve.filter((point) => point !== undefined).map(({ sum, count: n }) => sum / n)
    return [
      `step ${count(step)}`,
      `${((tokens / total) * 100).toFixed(1)} %`,
      shown === null
        ? ''
        : `loss ${shown.toFixed(4)} ${means.length > 1 ? sparkline(means) : ''}`.trimEnd(),
      lr > 0 ? `lr ${lr.toPrecision(2)}` : '',
      `${count(Math.round(tokensPerSecond))} tok/s`,
      mfu === null ? '' : `MFU ${(mfu * 100).toFixed(1)} %`,
      size(memoryBytes),
      speed > 0 ? `about ${duration((total - tokens) / speed)} left` : '',
    ]
      .filter(Boolean)
      .join(' · ')
  }
}
