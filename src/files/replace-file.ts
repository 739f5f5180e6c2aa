import { renameSync, writeFileSync } from 'node:fs'

/**
 * Writes a small text file so that readers see the old content or the new one, never half of it.
 * Not synced to disk: for records of a process, not for what is published.
 */
export function replaceFile(path: string, content: string): void {
  const draft = `${path}.tmp`
  writeFileSync(draft, content)
  renameSync(draft, path)
}
