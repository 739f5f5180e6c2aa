import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Names of the complete checkpoints of a run, oldest first: those with a file `COMPLETE`. Whether
 * they are intact is the backend's to say.
 */
export function completeCheckpoints(run: string): string[] {
  const folder = join(run, 'checkpoints')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'COMPLETE')))
    .sort()
}
