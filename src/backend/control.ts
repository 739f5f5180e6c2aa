import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Control, controlSchema } from '../core/train-events.ts'

/** Asks the running backend for something; it looks every step. */
export function requestControl(run: string, action: Control['action']): void {
  const path = join(run, 'control.json')
  const seq = (readControl(run)?.seq ?? 0) + 1
  writeFileSync(`${path}.tmp`, JSON.stringify({ seq, action } satisfies Control))
  renameSync(`${path}.tmp`, path)
}

/** The last request, if there is one that can be read. */
export function readControl(run: string): Control | undefined {
  const path = join(run, 'control.json')
  if (!existsSync(path)) return undefined
  try {
    return controlSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** Yields every request made after now once. */
export function controlPoll(run: string): () => Control['action'] | undefined {
  let seen = readControl(run)?.seq ?? 0
  return () => {
    const control = readControl(run)
    if (!control || control.seq <= seen) return undefined
    seen = control.seq
    return control.action
  }
}
