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
  const say = (line: string): void =>
    void process.stderr.write(`${fancy ? '\r\u001B[2K' : ''}${line}\n`)
  return (event) => {
    if (event.type === 'hello') {
      const devices = event.devices.map(({ name }) => name).join(', ') || 'this machine'
      say(`${paint('cyan', 'train')}   ${job.name}: ${event.backend} on ${devices}`)
    } else if (event.type === 'plan' && event.resumedFrom)
      say(`        resuming from ${event.resumedFrom}`)
    else if (event.type === 'step') {
      const line = `        ${stepText(event, job.data.tokens)}`
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
