import type { Storage } from '../../core/storage.ts'

/** Bytes of bad rows kept per segment; what is beyond is only counted. */
const MAX_BYTES = 1 << 20

/**
 * Keeps bad rows and documents whose measuring failed in a private JSON Lines file, so that they
 * can be looked at. No file is made when there is nothing to keep.
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
