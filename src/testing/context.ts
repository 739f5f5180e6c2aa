import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from '../core/component.ts'
import { localStorage } from '../files/local-storage.ts'

/**
 * A context over the local file system for component tests; `warnings` collects the component's
 * warnings.
 */
export function testContext(folder: string, warnings: string[] = []): Context {
  return {
    storage: localStorage(),
    folder,
    cache: join(tmpdir(), 'cosmos-etl-test-cache'),
    memoryBytes: 256 << 20,
    signal: new AbortController().signal,
    warn: (message) => void warnings.push(message),
  }
}
