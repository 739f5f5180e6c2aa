import type { Transform } from 'node:stream'

/**
 * Pushes bytes through one of Node's zlib streams and returns all output. Unlike a pipe it loses no
 * decoded output before an error, and it holds no more than one pushed piece expands to.
 */
export interface Pushed {
  /**
   * Returns the output for this piece. If it throws the stream's error, `rest` still has the output
   * before it.
   */
  push(bytes: Uint8Array): Promise<Uint8Array[]>
  /** Ends the input. Throws if the stream expected more. */
  end(): Promise<Uint8Array[]>
  /** Whether the compressed data has reached its own end. Later pushes are not read. */
  ended(): boolean
  /** Pushed bytes that belonged to the compressed data. */
  consumed(): number
  /** Output that was not returned because the call that produced it threw. */
  rest(): Uint8Array[]
  close(): void
}

/** Wraps a zlib stream, which the wrapper then owns. */
export function pushThrough(stream: Transform & { readonly bytesWritten: number }): Pushed {
  let output: Uint8Array[] = []
  let failure: unknown
  let ended = false
  let settle: (() => void) | undefined
  stream.on('data', (bytes: Uint8Array) => void output.push(bytes))
  stream.on('error', (error) => {
    failure = error
    settle?.()
  })
  // For data after the end Node never calls the write callback; it only ends the stream.
  stream.on('end', () => {
    ended = true
    settle?.()
  })
  const take = (): Uint8Array[] => {
    const taken = output
    output = []
    return taken
  }
  const settled = (start: (done: () => void) => void): Promise<Uint8Array[]> =>
    new Promise((resolve, reject) => {
      const done = () => (failure === undefined ? resolve(take()) : reject(failure))
      settle = done
      if (failure === undefined && !ended) start(done)
      else done()
    })
  return {
    push: (bytes) => settled((done) => stream.write(bytes, () => done())),
    end: () => settled(() => stream.end()),
    ended: () => ended,
    consumed: () => stream.bytesWritten,
    rest: take,
    close: () => void stream.destroy(),
  }
}
