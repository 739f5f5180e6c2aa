import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Control, controlSchema } from '../core/train-events.ts'
import { replaceFile } from '../files/replace-file.ts'

/**
 * Sends a request to the running backend, which checks for one at every step. Its number is the
 * time in milliseconds, which is above that of every request before.
 */
export function requestControl(run: string, action: Control['action']): void {
  const path = join(run, 'control.json')
  const seq = Math.max((readControl(run)?.seq ?? 0) + 1, Date.now())
  replaceFile(path, JSON.stringify({ seq, action } satisfies Control))
}

/**
 * Removes a request that was made before this process began: whoever it was meant for is gone, and
 * answered it or was killed.
 */
export function forgetRequests(run: string): void {
  const before = readControl(run)
  if (before && before.seq < performance.timeOrigin)
    rmSync(join(run, 'control.json'), { force: true })
}

/** The last request; undefined if there is none or it cannot be read. */
export function readControl(run: string): Control | undefined {
  const path = join(run, 'control.json')
  if (!existsSync(path)) return undefined
  try {
    return controlSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return undefined
  }
}

/**
 * Returns a function that returns each request made from now on once, and undefined between them.
 */
export function controlPoll(run: string): () => Control['action'] | undefined {
  let seen = readControl(run)?.seq ?? 0
  return () => {
    const control = readControl(run)
    if (!control || control.seq <= seen) return undefined
    seen = control.seq
    return control.action
  }
}
