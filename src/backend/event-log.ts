import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainEvent, TrainEventBody } from '../core/train-events.ts'
import { parseEventLine } from './channel.ts'

/**
 * Numbers and dates events and appends them to `<run>/events.jsonl`. The numbering continues where
 * an earlier process stopped.
 */
export function eventLog(run: string): (body: TrainEventBody) => TrainEvent {
  const path = join(run, 'events.jsonl')
  const written = existsSync(path) ? readFileSync(path, 'utf8') : ''
  let seq = eventsIn(written).reduce((next, event) => Math.max(next, event.seq + 1), 0)
  // A process that was killed may have left half a line.
  if (written !== '' && !written.endsWith('\n')) appendFileSync(path, '\n')
  return (body) => {
    const event = { v: 1, seq: seq++, t: Date.now() / 1000, ...body } as TrainEvent
    appendFileSync(path, `${JSON.stringify(event)}\n`)
    return event
  }
}

/** Reads the events of a file. Invalid lines (cut off by a crash) are ignored. */
export function readEvents(path: string): TrainEvent[] {
  return existsSync(path) ? eventsIn(readFileSync(path, 'utf8')) : []
}

function eventsIn(text: string): TrainEvent[] {
  return text.split('\n').flatMap((line) => {
    const result = parseEventLine(line)
    return 'event' in result ? [result.event] : []
  })
}
