// The second half of a fastText prediction: from the mean of a text's rows to probabilities of
// labels.
import type { FastTextModel } from './fasttext-model.ts'

/** A label and its probability for one text. */
export interface LabelScore {
  /** Index into the model's labels. */
  readonly label: number
  readonly probability: number
}

/**
 * Scores labels given the mean row of a text (`sum / count`). The probabilities are those that
 * fastText prints.
 */
export interface LabelScorer {
  best(mean: Float32Array): LabelScore
  /** The likeliest label but those given, for the mean that was last passed to `best`. */
  bestBut(labels: readonly number[]): LabelScore
  /** Probability of any label, for the mean that was last passed to `best`. */
  probability(label: number): number
}

/** The scorer for the model's loss. */
export function labelScorer(model: FastTextModel): LabelScorer {
  return model.loss === 'softmax' ? softmaxScorer(model) : treeScorer(model)
}

/** fastText adds this to keep logarithms finite, which is visible in its probabilities. */
const EPSILON = 1e-5
const logarithm = (x: number): number => Math.fround(Math.log(Math.fround(x) + EPSILON))
/**
 * `x` minus this is greater than its logarithm, which is at most x + EPSILON - 1, however it is
 * rounded.
 */
const CERTAINLY_LESS = 1 - 1e-4

function dot(matrix: Float32Array, row: number, vector: Float32Array): number {
  const width = vector.length
  let result = 0
  for (let i = 0; i < width; i++) result += matrix[row * width + i]! * vector[i]!
  return result
}

const NONE: LabelScore = { label: -1, probability: 0 }

function softmaxScorer({ labels, output }: FastTextModel): LabelScorer {
  const scores = new Float32Array(labels.length)
  const fill = (mean: Float32Array): void => {
    let largest = -Infinity
    for (let label = 0; label < scores.length; label++) {
      scores[label] = dot(output, label, mean)
      largest = Math.max(largest, scores[label]!)
    }
    let total = 0
    for (let label = 0; label < scores.length; label++)
      total += scores[label] = Math.exp(scores[label]! - largest)
    for (let label = 0; label < scores.length; label++) scores[label]! /= total
  }
  const printed = (label: number): number => Math.exp(logarithm(scores[label]!))
  const highest = (but: readonly number[]): LabelScore => {
    let label = -1
    for (let other = 0; other < scores.length; other++) {
      if (but.includes(other)) continue
      if (label < 0 || scores[other]! > scores[label]!) label = other
    }
    return label < 0 ? NONE : { label, probability: printed(label) }
  }
  return {
    best(mean) {
      fill(mean)
      return highest([])
    },
    bestBut: highest,
    probability: printed,
  }
}

/**
 * The Huffman tree over label counts (HierarchicalSoftmaxLoss::buildTree): labels are nodes 0…n-1,
 * the root is the last node.
 */
interface Tree {
  readonly left: Int32Array
  readonly right: Int32Array
  readonly parent: Int32Array
}

function buildTree(counts: readonly number[]): Tree {
  const leaves = counts.length
  const nodes = 2 * leaves - 1
  const weight = new Float64Array(nodes).fill(1e15)
  weight.set(counts)
  const tree = {
    left: new Int32Array(nodes).fill(-1),
    right: new Int32Array(nodes),
    parent: new Int32Array(nodes).fill(-1),
  }
  let leaf = leaves - 1
  let inner = leaves
  const lightest = (): number => (leaf >= 0 && weight[leaf]! < weight[inner]! ? leaf-- : inner++)
  for (let node = leaves; node < nodes; node++) {
    const left = lightest()
    const right = lightest()
    tree.left[node] = left
    tree.right[node] = right
    tree.parent[left] = node
    tree.parent[right] = node
    weight[node] = weight[left]! + weight[right]!
  }
  return tree
}

/**
 * Each inner node decides left or right with the sigmoid of its output row; the probability of a
 * label is the product along its path. The search goes depth first, likelier child first, and
 * prunes what is already below the best label found.
 */
function treeScorer({ labels, labelCounts, output }: FastTextModel): LabelScorer {
  const { left, right, parent } = buildTree(labelCounts)
  const leaves = labels.length
  const root = left.length - 1
  /**
   * For each inner node the probability to go right, as far as it is known for the current mean.
   */
  const shares = new Float64Array(leaves)
  const known = new Uint32Array(leaves)
  let current: Float32Array = new Float32Array(0)
  let generation = 0
  let found = 0
  let highest = Number.NEGATIVE_INFINITY
  let excluded: readonly number[] = []

  const shareOf = (inner: number): number => {
    if (known[inner] !== generation) {
      known[inner] = generation
      shares[inner] = 1 / (1 + Math.exp(-dot(output, inner, current)))
    }
    return shares[inner]!
  }
  const search = (node: number, score: number): void => {
    if (score < highest) return
    if (node < leaves) {
      if (score === highest || excluded.includes(node)) return
      found = node
      highest = score
      return
    }
    const share = shareOf(node - leaves)
    const rightFirst = share > 0.5
    search(
      rightFirst ? right[node]! : left[node]!,
      score + logarithm(rightFirst ? share : 1 - share),
    )
    const rest = rightFirst ? 1 - share : share
    if (score + rest - CERTAINLY_LESS < highest) return
    search(rightFirst ? left[node]! : right[node]!, score + logarithm(rest))
  }
  const searchBut = (labels: readonly number[]): LabelScore => {
    excluded = labels
    found = -1
    highest = Number.NEGATIVE_INFINITY
    search(root, 0)
    return found < 0 ? NONE : { label: found, probability: Math.exp(highest) }
  }
  return {
    best(mean) {
      current = mean
      generation++
      return searchBut([])
    },
    bestBut: searchBut,
    probability(label) {
      let score = 0
      for (let node = label; node !== root; node = parent[node]!) {
        const share = shareOf(parent[node]! - leaves)
        score += logarithm(right[parent[node]!] === node ? share : 1 - share)
      }
      return Math.exp(score)
    },
  }
}
