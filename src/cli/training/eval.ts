import { type EvaluateOptions, evaluateRun } from '../../index.ts'
import { numberOf } from './generate.ts'
import { latestRun } from './latest.ts'
import { sliceTable } from './tables.ts'

/** `etl eval [run]`: scores held-out text with a checkpoint. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const folder = args[0] ?? (await latestRun('runs'))
  const slices = options.slices as readonly string[] | undefined
  const wanted: EvaluateOptions = {
    checkpoint: String(options.checkpoint ?? 'latest'),
    ...(slices && { slices }),
    ...(options.tokens !== undefined && { tokens: Math.max(1, numberOf(options, 'tokens', 1)) }),
  }
  const evaluation = await evaluateRun(folder, wanted)
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ run: folder, ...evaluation })}\n`)
  else process.stdout.write(`${sliceTable(evaluation.slices, {})}\n`)
  return 0
}
