import { join } from 'node:path'
import type { Storage, WriteHandle } from '../../core/storage.ts'

/** Bytes buffered per bucket before they are written to disk. */
const BUFFER_BYTES = 1 << 16

/** Records spilled to disk in buckets, because together they are too large for memory. */
export interface SpillFiles {
  /**
   * Appends a copy of a record to a bucket. Returns a promise only if the caller has to wait for
   * the disk.
   */
  add(bucket: number, record: Uint8Array): Promise<void> | undefined
  /**
   * Returns all records of a bucket in order and removes its file. Nothing may be added afterwards.
   */
  take(bucket: number): Promise<Uint8Array>
}

/**
 * Creates empty buckets in a folder of their own. A bucket that fits into its buffer is never
 * written to disk.
 */
export function spillFiles(storage: Storage, folder: string, buckets: number): SpillFiles {
  const buffers = Array.from({ length: buckets }, () => ({ bytes: new Uint8Array(0), length: 0 }))
  const files: (WriteHandle | undefined)[] = new Array(buckets)
  const path = (bucket: number): string => join(folder, `${String(bucket).padStart(5, '0')}.spill`)
  let adding = true

  const flush = async (bucket: number): Promise<void> => {
    const buffer = buffers[bucket]
    if (!buffer || buffer.length === 0) return
    files[bucket] ??= await storage.create(path(bucket), { mode: 0o600 })
    await files[bucket]?.write(buffer.bytes.slice(0, buffer.length))
    buffer.length = 0
  }
  const append = (buffer: { bytes: Uint8Array; length: number }, record: Uint8Array): undefined => {
    if (buffer.bytes.length < buffer.length + record.length) {
      const grown = new Uint8Array(
        Math.max(1024, buffer.length + record.length, buffer.bytes.length * 2),
      )
      grown.set(buffer.bytes.subarray(0, buffer.length))
      buffer.bytes = grown
    }
    buffer.bytes.set(record, buffer.length)
    buffer.length += record.length
  }
  return {
    add(bucket, record) {
      const buffer = buffers[bucket]
      if (!buffer) throw new RangeError(`no bucket ${bucket}`)
      if (buffer.length + record.length <= BUFFER_BYTES || buffer.length === 0)
        return append(buffer, record)
      return flush(bucket).then(() => append(buffer, record))
    },
    async take(bucket) {
      const buffer = buffers[bucket]
      if (!buffer) throw new RangeError(`no bucket ${bucket}`)
      if (adding) {
        adding = false
        for (const [index, file] of files.entries()) {
          if (!file) continue
          await flush(index)
          await file.commit()
        }
      }
      if (!files[bucket]) return buffer.bytes.subarray(0, buffer.length)
      const handle = await storage.open(path(bucket))
      const bytes = await handle.read(0, handle.size).finally(() => handle.close())
      await storage.remove(path(bucket))
      return bytes
    },
  }
}
