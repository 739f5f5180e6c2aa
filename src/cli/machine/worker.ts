import { serveAsWorker } from '../../index.ts'

/** `etl worker`: what `etl run` starts. */
export async function run(): Promise<number> {
  return serveAsWorker()
}
