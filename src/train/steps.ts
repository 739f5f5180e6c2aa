import type { MixtureComponent, TrainJob } from '../core/train-job.ts'

/** What decides the number of steps of a run. */
export interface StepsOf {
  readonly batch: TrainJob['batch']
  readonly data: Pick<TrainJob['data'], 'tokens' | 'order'> & {
    readonly mixture: readonly MixtureComponent[]
  }
  readonly stages: TrainJob['stages']
}

/**
 * Number of optimizer steps of a run: what its backend will do for order 2. For order 1 it is the
 * estimate that its jobs have as `totalSteps`, which knows nothing of whole samples.
 */
export function stepsOf({ batch, data, stages }: StepsOf): number {
  if (data.order === 1) return estimatedSteps(batch, data.tokens)
  const samples = samplesOf(data.mixture, stages)
  let seen = 0
  let steps = 0
  for (const [number, { context }] of stages.entries()) {
    let left = samples[number] ?? 0
    while (left > 0) {
      const wanted = Math.max(1, Math.floor(batchTokens(batch, seen) / context))
      // After the ramp all steps of a stage are equal, but for the last one.
      const taken = seen >= batch.rampTokens ? left : Math.min(wanted, left)
      steps += Math.ceil(taken / wanted)
      left -= taken
      seen += taken * context
    }
  }
  return steps
}

/** Tokens of the step after `seen` tokens. They grow linearly over the ramp. */
function batchTokens({ startTokens, tokens, rampTokens }: TrainJob['batch'], seen: number): number {
  if (seen >= rampTokens) return tokens
  return startTokens + scaled(tokens - startTokens, seen, rampTokens)
}

/** Samples of each stage in order 2: it has its share of the blocks that are drawn, cut up. */
function samplesOf(mixture: readonly MixtureComponent[], stages: TrainJob['stages']): number[] {
  const block = stages.map(({ context }) => context).reduce(leastCommonMultiple)
  const drawn = mixture.reduce((sum, component) => sum + drawnFrom(component, block), 0)
  const shares = shareOut(
    drawn,
    stages.map(({ tokens }) => tokens),
  )
  return stages.map(({ context }, number) => (shares[number] ?? 0) * (block / context))
}

/** Blocks that the run draws from a pool: its epochs, rounded to whole blocks. */
function drawnFrom({ available, tokens }: MixtureComponent, block: number): number {
  const blocks = Math.max(0, Math.floor((available - 1) / block))
  if (tokens === 0 || blocks === 0) return 0
  const half = BigInt(Math.floor(available / 2))
  return Math.max(1, Number((BigInt(tokens) * BigInt(blocks) + half) / BigInt(available)))
}

/** Divides a whole number in proportion to weights; the largest remainders are rounded up. */
function shareOut(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const shares = weights.map((weight) => scaled(total, weight, sum))
  const rests = weights
    .map((weight, index) => ({ index, rest: (BigInt(total) * BigInt(weight)) % BigInt(sum) }))
    .sort((a, b) => Number(b.rest - a.rest) || a.index - b.index)
  const missing = total - shares.reduce((all, share) => all + share, 0)
  for (const { index } of rests.slice(0, missing)) shares[index] = (shares[index] ?? 0) + 1
  return shares
}

/** ⌊value · part / whole⌋, exact beyond 2^53. */
const scaled = (value: number, part: number, whole: number): number =>
  Number((BigInt(value) * BigInt(part)) / BigInt(whole))

function leastCommonMultiple(a: number, b: number): number {
  let [large, small] = [a, b]
  while (small > 0) [large, small] = [small, large % small]
  return (a / large) * b
}

function estimatedSteps(batch: TrainJob['batch'], total: number): number {
  let tokens = 0
  let steps = 0
  while (tokens < Math.min(batch.rampTokens, total)) {
    const size =
      batch.startTokens + (batch.tokens - batch.startTokens) * (tokens / batch.rampTokens)
    tokens += size
    steps++
  }
  return steps + Math.ceil(Math.max(0, total - tokens) / batch.tokens)
}
