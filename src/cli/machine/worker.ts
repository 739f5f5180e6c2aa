/** `etl worker`: what `etl run` starts. */
export async function run(): Promise<number> {
  await import('../../worker.ts')
  return new Promise(() => undefined)
}
