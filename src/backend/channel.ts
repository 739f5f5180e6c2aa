import { type TrainEvent, trainEventSchema } from '../core/train-events.ts'
import { PROTOCOL } from '../core/train-job.ts'

const KNOWN: ReadonlySet<string> = new Set(
  trainEventSchema.options.map((option) => option.shape.type.value),
)

/** A line of the channel: an event, a newer event type to ignore, or garbage. */
export type EventLine =
  | { readonly event: TrainEvent }
  | { readonly ignored: string }
  | { readonly garbage: string }
  /** An event of another major version of the protocol. */
  | { readonly foreign: number }

/** Parses one line of `events.jsonl` or of the event channel. Never throws. */
export function parseEventLine(line: string): EventLine {
  if (line.trim() === '') return { ignored: 'empty' }
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { garbage: line.slice(0, 200) }
  }
  if (typeof value !== 'object' || value === null || !('type' in value))
    return { garbage: line.slice(0, 200) }
  if ('v' in value && typeof value.v === 'number' && value.v !== PROTOCOL)
    return { foreign: value.v }
  if (typeof value.type === 'string' && !KNOWN.has(value.type)) return { ignored: value.type }
  const parsed = trainEventSchema.safeParse(value)
  return parsed.success ? { event: parsed.data } : { garbage: line.slice(0, 200) }
}

/** Longest line that is read. A longer one is cut, which makes it garbage. */
const MAX_LINE = 1 << 20

/** Splits a stream of bytes into lines with bounded memory. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let pending = ''
  for await (const chunk of stream) {
    pending += decoder.decode(chunk, { stream: true })
    const lines = pending.split('\n')
    pending = (lines.pop() ?? '').slice(0, MAX_LINE)
    yield* lines
  }
  if (pending) yield pending
}
