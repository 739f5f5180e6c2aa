import type { Storage } from '../../core/storage.ts'

/**
 * Largest content of the quarantine file of a segment, in bytes. Entries beyond it are dropped;
 * skipped items are still counted.
 */
const MAX_BYTES = 1 << 20

/**
 * Collects malformed rows and the failures of documents in a private JSON Lines file, for
 * inspection. No file is created if there is nothing to keep.
 */
export function quarantine(storage: Storage, path: string) {
  const lines: string[] = []
  let bytes = 0
  const add = (entry: object): void => {
    const line = `${JSON.stringify(entry)}\n`
    bytes += line.length
    if (bytes <= MAX_BYTES) lines.push(line)
  }
  return {
    addRaw(reason: string, where: string, raw: Uint8Array): void {
      add({ reason, where, raw: new TextDecoder().decode(raw.subarray(0, 1 << 16)) })
    },
    addFailures(failures: readonly { readonly id: string; readonly error: string }[]): void {
      for (const failure of failures) add(failure)
    },
    async commit(): Promise<void> {
      if (lines.length === 0) return
      const file = await storage.create(path, { mode: 0o600 })
      await file.write(new TextEncoder().encode(lines.join('')))
      await file.commit()
    },
  }
}
