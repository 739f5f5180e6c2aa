import { EtlError } from '../../index.ts'

/**
 * Runs work with a signal that SIGINT (Ctrl-C) and SIGTERM abort. If it is stopped, throws
 * `interrupted` instead of the error that the stop caused. A second signal kills the process.
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
