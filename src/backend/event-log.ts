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
  let seq = readEvents(path).reduce((next, event) => Math.max(next, event.seq + 1), 0)
  // A process that was killed may have left half a line.
  if (existsSync(path) && !/(?:^|\n)$/.test(readFileSync(path, 'utf8'))) appendFileSync(path, '\n')
  return (body) => {
    const event = { v: 1, seq: seq++, t: Date.now() / 1000, ...body } as TrainEvent
    appendFileSync(path, `${JSON.stringify(event)}\n`)
    return event
  }
}

/** Reads the events of a file. Invalid lines (cut off by a crash) are ignored. */
export function readEvents(path: string): TrainEvent[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const result = parseEventLine(line)
      return 'event' in result ? [result.event] : []
    })
}
