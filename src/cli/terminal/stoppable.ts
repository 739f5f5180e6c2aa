import { EtlError } from '../../index.ts'

/**
 * Runs work with a signal that Ctrl-C and a polite kill trigger; a stop then shows as one, not as a
 * failure. A second signal kills.
 */
export async function stoppable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onStop: () => void = () => undefined,
): Promise<T> {
  const controller = new AbortController()
  const stop = (): void => {
    onStop()
    controller.abort()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    return await work(controller.signal)
  } catch (cause) {
    if (!controller.signal.aborted) throw cause
    throw new EtlError('interrupted', {
      what: 'stopped on request; everything finished so far is kept',
      cause,
    })
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
