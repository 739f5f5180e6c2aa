import type { OnEvent, RunEvent } from '../../index.ts'
import { count, duration, isTerminal, paint, size } from './terminal.ts'

/**
 * Shows the events of a run: one line that is updated in place on a terminal, plain lines
 * elsewhere, JSON Lines if requested.
 */
export interface ProgressDisplay {
  readonly onEvent: OnEvent
  /** Clears the line that is updated in place. */
  end(): void
}

const PLAIN_INTERVAL_MS = 5000

/**
 * A display on standard error. With `--json`, events go to standard output instead, one per line.
 */
export function progressDisplay(asJson: boolean): ProgressDisplay {
  if (asJson) {
    return {
      onEvent: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
      end: () => undefined,
    }
  }
  const living = isTerminal()
  const started = performance.now()
  let phaseStart = started
  let lastPlain = 0
  const clear = (): void => void (living && process.stderr.write('\r\u001B[2K'))
  const say = (text: string): void => {
    clear()
    process.stderr.write(`${text}\n`)
  }
  const onEvent = (event: RunEvent): void => {
    switch (event.type) {
      case 'phase':
        phaseStart = performance.now()
        say(phaseText(event.phase, (phaseStart - started) / 1000))
        break
      case 'progress': {
        const line = `        ${progressText(event, (performance.now() - phaseStart) / 1000)}`
        if (living)
          process.stderr.write(`\r\u001B[2K${line.slice(0, (process.stderr.columns || 80) - 1)}`)
        else if (performance.now() - lastPlain > PLAIN_INTERVAL_MS) {
          lastPlain = performance.now()
          say(line)
        }
        break
      }
      case 'resumed':
        say(`        ${resumedText(event)}`)
        break
      case 'notice':
        say(`${paint('yellow', 'terms')}   ${event.source}: ${event.message}`)
        break
      case 'warning':
        say(`${paint('yellow', 'warning')} ${event.message}`)
        break
    }
  }
  return { onEvent, end: clear }
}

function phaseText(phase: string, seconds: number): string {
  return `${paint('cyan', phase.padEnd(8))}${paint('dim', duration(seconds))}`
}

function resumedText({ documents, segments }: RunEvent & { type: 'resumed' }): string {
  return `reusing ${count(documents)} documents in ${count(segments)} segments of an earlier run`
}

type Progress = RunEvent & { type: 'progress' }

/** One line: share done, documents, rate, and remaining time if it can be estimated. */
function progressText(
  { done, total, unit, documents, bytes, label }: Progress,
  seconds: number,
): string {
  const share = total > 0 ? Math.min(1, done / total) : 0
  const parts = [total > 0 ? `${(share * 100).toFixed(0).padStart(3)} %` : '']
  if (unit === 'shards') parts.push(`${done} of ${total} files`)
  if (documents > 0) parts.push(`${count(documents)} documents`, `${size(bytes)} of text`)
  if (bytes > 0 && seconds > 0.5) parts.push(`${size(bytes / seconds)}/s`)
  if (share > 0.02 && seconds > 2)
    parts.push(`about ${duration((seconds * (1 - share)) / share)} left`)
  if (label) parts.push(label)
  return parts.filter(Boolean).join(' · ')
}
