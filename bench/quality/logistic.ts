/** One weighted observation. */
export interface Example {
  readonly inputs: readonly number[]
  readonly right: boolean
  readonly weight: number
}

const STEPS = 50
/** Keeps the matrix regular where an input never varies. */
const RIDGE = 1e-3

/**
 * Logistic regression by iteratively reweighted least squares (Newton's method). Returns the
 * constant, then one weight per input.
 */
export function fitLogistic(examples: readonly Example[]): readonly number[] {
  const size = (examples[0]?.inputs.length ?? 0) + 1
  let weights = new Array<number>(size).fill(0)
  for (let step = 0; step < STEPS; step++) {
    const gradient = weights.map((weight) => -RIDGE * weight)
    const hessian = weights.map((_, i) => weights.map((_, j): number => (i === j ? RIDGE : 0)))
    for (const { inputs, right, weight } of examples) {
      const row = [1, ...inputs]
      const sum = row.reduce((total, value, i) => total + value * (weights[i] ?? 0), 0)
      const probability = 1 / (1 + Math.exp(-sum))
      const slope = weight * probability * (1 - probability)
      const rest = weight * ((right ? 1 : 0) - probability)
      for (const [i, value] of row.entries()) {
        gradient[i] = (gradient[i] ?? 0) + rest * value
        const line = hessian[i] ?? []
        for (const [j, other] of row.entries()) line[j] = (line[j] ?? 0) + slope * value * other
      }
    }
    const change = solve(hessian, gradient)
    weights = weights.map((weight, i) => weight + (change[i] ?? 0))
    if (Math.max(...change.map(Math.abs)) < 1e-7) break
  }
  return weights
}

/** Gaussian elimination with pivots of a symmetric positive definite system. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0])
  const size = rows.length
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let i = column + 1; i < size; i++)
      if (Math.abs(at(rows, i, column)) > Math.abs(at(rows, pivot, column))) pivot = i
    const swapped = rows[pivot] ?? []
    rows[pivot] = rows[column] ?? []
    rows[column] = swapped
    for (let i = 0; i < size; i++) {
      if (i === column) continue
      const factor = at(rows, i, column) / at(rows, column, column)
      rows[i] = (rows[i] ?? []).map((value, j) => value - factor * at(rows, column, j))
    }
  }
  return rows.map((_, i) => at(rows, i, size) / at(rows, i, i))
}

const at = (rows: readonly (readonly number[])[], i: number, j: number): number => rows[i]?.[j] ?? 0
