import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../core/component.ts'
import { localStorage } from '../files/local-storage.ts'

/**
 * The context of a training backend. Relative paths are resolved against `folder`; 70 % of the
 * machine's memory may be used.
 */
export function trainingContext(folder: string): Context {
  return {
    storage: localStorage(),
    folder,
    cache: join(folder, '.cache'),
    memoryBytes: Math.floor(totalmem() * 0.7),
    signal: new AbortController().signal,
    warn: () => undefined,
  }
}
