import type { Transform } from 'node:stream'

/**
 * Pushes bytes through one of Node's zlib streams and hands out everything it made of them. Unlike
 * a pipe it loses nothing of what was decoded before an error, and holds no more than one pushed
 * piece expands to.
 */
export interface Pushed {
  /**
   * What came out for this piece. Throws the stream's error; `rest` still has what came out before
   * it.
   */
  push(bytes: Uint8Array): Promise<Uint8Array[]>
  /** Tells the stream that the input ends here; throws if it expected more. */
  end(): Promise<Uint8Array[]>
  /** Whether the compressed data itself said that it ends; what is pushed later is not read. */
  ended(): boolean
  /** Bytes pushed that belonged to the compressed data. */
  consumed(): number
  /** Output not handed out yet, because the call that made it threw. */
  rest(): Uint8Array[]
  close(): void
}

/** Wraps a zlib stream. */
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
  // Data behind the end: Node never calls back for that write, it only ends the stream.
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
