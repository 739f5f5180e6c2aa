import { tmpdir } from 'node:os'
import type { Context } from '../src/core/component.ts'
import { localStorage } from '../src/files/local-storage.ts'

/** A context over the local file system; warnings are printed. */
export function benchContext(folder: string): Context {
  return {
    storage: localStorage(),
    folder,
    cache: tmpdir(),
    memoryBytes: 2 ** 30,
    signal: new AbortController().signal,
    warn: (message) => console.log(message),
  }
}
