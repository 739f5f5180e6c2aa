import type { GenerateJob } from '../../src/core/train-job.ts'

/**
 * Draws an id from a distribution, with the temperature, `topK` and `topP` of the job. Temperature
 * 0 picks the most likely id. Ids of equal probability rank by smaller id first.
 */
export function pickToken(
  probabilities: Float64Array,
  { temperature, topK, topP }: Pick<GenerateJob, 'temperature' | 'topK' | 'topP'>,
  random: () => number,
): number {
  const ranked = [...probabilities.keys()].sort(
    (a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b,
  )
  if (temperature === 0) return ranked[0] ?? 0
  const kept = topK > 0 ? ranked.slice(0, topK) : ranked
  const weights = kept.map((id) => (probabilities[id] ?? 0) ** (1 / temperature))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const limit = random() * nucleus(weights, total * topP)
  let sum = 0
  for (const [index, id] of kept.entries()) {
    sum += weights[index] ?? 0
    if (sum > limit) return id
  }
  return kept[0] ?? 0
}

/** The total weight of the shortest prefix that reaches `wanted`. */
function nucleus(weights: readonly number[], wanted: number): number {
  let sum = 0
  for (const weight of weights) {
    sum += weight
    if (sum >= wanted) return sum
  }
  return sum
}
