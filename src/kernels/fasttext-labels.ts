// The second half of a fastText prediction: from the mean of a text's rows to probabilities of labels.
import type { FastTextModel } from './fasttext-model.ts'

export interface LabelScore {
  /** Index into the model's labels. */
  readonly label: number
  readonly probability: number
}

/** Scores labels given the mean row of a text (`sum / count`). Probabilities are those fastText prints. */
export interface LabelScorer {
  best(mean: Float32Array): LabelScore
  probability(mean: Float32Array, label: number): number
}

/** The scorer of the model's loss. */
export function labelScorer(model: FastTextModel): LabelScorer {
  return model.loss === 'softmax' ? softmaxScorer(model) : treeScorer(model)
}

/** fastText keeps logarithms finite by adding this; the sum shows in its probabilities. */
const EPSILON = 1e-5
const logarithm = (x: number): number => Math.fround(Math.log(Math.fround(x) + EPSILON))

function dot(matrix: Float32Array, row: number, vector: Float32Array): number {
  const width = vector.length
  let result = 0
  for (let i = 0; i < width; i++) result += matrix[row * width + i]! * vector[i]!
  return result
}

function softmaxScorer({ labels, output }: FastTextModel): LabelScorer {
  const scores = new Float32Array(labels.length)
  const fill = (mean: Float32Array): void => {
    let largest = -Infinity
    for (let label = 0; label < scores.length; label++) {
      scores[label] = dot(output, label, mean)
      largest = Math.max(largest, scores[label]!)
    }
    let total = 0
    for (let label = 0; label < scores.length; label++) total += scores[label] = Math.exp(scores[label]! - largest)
    for (let label = 0; label < scores.length; label++) scores[label]! /= total
  }
  const printed = (label: number): number => Math.exp(logarithm(scores[label]!))
  return {
    best(mean) {
      fill(mean)
      let label = 0
      for (let other = 1; other < scores.length; other++) if (scores[other]! > scores[label]!) label = other
      return { label, probability: printed(label) }
    },
    probability(mean, label) {
      fill(mean)
      return printed(label)
    },
  }
}

/** The Huffman tree over label counts (HierarchicalSoftmaxLoss::buildTree): labels are nodes 0…n-1, the root is the last. */
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
 * Each inner node decides left or right with the sigmoid of its output row; a label's probability is the product along
 * its path. The search goes depth first, likelier child first, and cuts what is already below the best label found.
 */
function treeScorer({ labels, labelCounts, output }: FastTextModel): LabelScorer {
  const { left, right, parent } = buildTree(labelCounts)
  const leaves = labels.length
  const root = left.length - 1
  const goesRight = (node: number, mean: Float32Array): number => 1 / (1 + Math.exp(-dot(output, node - leaves, mean)))

  const search = (mean: Float32Array, node: number, score: number, best: { label: number; score: number }): void => {
    if (score < best.score) return
    if (node < leaves) {
      if (score > best.score) Object.assign(best, { label: node, score })
      return
    }
    const share = goesRight(node, mean)
    const toLeft = score + logarithm(1 - share)
    const toRight = score + logarithm(share)
    const [first, second] = share > 0.5 ? [right[node]!, left[node]!] : [left[node]!, right[node]!]
    search(mean, first, Math.max(toLeft, toRight), best)
    search(mean, second, Math.min(toLeft, toRight), best)
  }
  return {
    best(mean) {
      const best = { label: 0, score: -Infinity }
      search(mean, root, 0, best)
      return { label: best.label, probability: Math.exp(best.score) }
    },
    probability(mean, label) {
      let score = 0
      for (let node = label; node !== root; node = parent[node]!) {
        const share = goesRight(parent[node]!, mean)
        score += logarithm(right[parent[node]!] === node ? share : 1 - share)
      }
      return Math.exp(score)
    },
  }
}
