import type { Transform } from 'node:stream'

/**
 * Pushes bytes through one of Node's zlib streams and hands out everything it made of them. Unlike a pipe it loses
 * nothing of what was decoded before an error, and holds no more than one pushed piece expands to.
 */
export interface Pushed {
  /** What came out for this piece. Throws the stream's error; `rest` still has what came out before it. */
  push(bytes: Uint8Array): Promise<Uint8Array[]>
  /** Tells the stream that the input ends here; throws if it expected more. */
  end(): Promise<Uint8Array[]>
  /** Output not handed out yet, because the call that made it threw. */
  rest(): Uint8Array[]
  close(): void
}

/** Wraps a zlib stream. */
export function pushThrough(stream: Transform): Pushed {
  let output: Uint8Array[] = []
  let failure: unknown
  let onFailure: (() => void) | undefined
  stream.on('data', (bytes: Uint8Array) => void output.push(bytes))
  stream.on('error', (error) => {
    failure = error
    onFailure?.()
  })
  const take = (): Uint8Array[] => {
    const taken = output
    output = []
    return taken
  }
  const settled = (start: (done: () => void) => void): Promise<Uint8Array[]> =>
    new Promise((resolve, reject) => {
      const done = () => (failure === undefined ? resolve(take()) : reject(failure))
      onFailure = done
      if (failure === undefined) start(done)
      else done()
    })
  return {
    push: (bytes) => settled((done) => stream.write(bytes, () => done())),
    end: () => settled((done) => stream.once('end', done).end()),
    rest: take,
    close: () => void stream.destroy(),
  }
}
