/** Text bytes and rows per record batch of a published file. */
const BATCH_BYTES = 4 << 20
const BATCH_ROWS = 4096

/**
 * Tells where the record batches of a published file end: each holds documents of one source, and
 * not too many of them.
 */
export interface BatchBounds {
  /** Whether the batch must end before the next document, which is of this source. */
  endsBefore(source: string): boolean
  /** Adds a document with so many bytes of text; whether the batch ends with it. */
  add(bytes: number): boolean
}

/** The bounds of a new file. They depend on its documents only. */
export function batchBounds(): BatchBounds {
  let open = ''
  let bytes = 0
  let rows = 0
  const end = (): true => {
    bytes = 0
    rows = 0
    return true
  }
  return {
    endsBefore(source) {
      const other = rows > 0 && source !== open
      open = source
      return other && end()
    },
    add(size) {
      bytes += size
      rows++
      return (bytes >= BATCH_BYTES || rows >= BATCH_ROWS) && end()
    },
  }
}
