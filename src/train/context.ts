import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../core/component.ts'
import { localStorage } from '../files/local-storage.ts'

/** What a training backend may use. Relative paths start from `folder`. */
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
