import { serveAsWorker } from '../../index.ts'

/** `etl worker`: the worker process that `etl run` starts. */
export async function run(): Promise<number> {
  return serveAsWorker()
}
