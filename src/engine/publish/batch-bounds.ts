/** A record batch of a published file ends after this many bytes of text or rows. */
const BATCH_BYTES = 4 << 20
const BATCH_ROWS = 4096

/**
 * Decides where the record batches of a published file end. Each holds documents of one source
 * only, and a limited number of them.
 */
export interface BatchBounds {
  /** Whether the batch must end before the next document, whose source is given. */
  endsBefore(source: string): boolean
  /** Adds a document with this many bytes of text; returns whether the batch ends after it. */
  add(bytes: number): boolean
}

/** The bounds of a new file. They depend only on its documents. */
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
