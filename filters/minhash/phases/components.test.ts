import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readWords, withWordFiles } from '../files/records.ts'
import { EDGE_WIDTH } from '../tasks/link.ts'
import { openTestRun } from '../testing.ts'
import { findComponents, LABEL_WIDTH } from './components.ts'

type Edge = readonly [number, number]

/**
 * Name (first member) of every connected document by repeated relabelling, the slow obvious way.
 */
function labelsOf(rows: number, edges: readonly Edge[]): number[][] {
  const label = Array.from({ length: rows }, (_, rank) => rank)
  for (let changed = true; changed; ) {
    changed = false
    for (const [a, b] of edges) {
      const least = Math.min(label[a] ?? a, label[b] ?? b)
      changed ||= label[a] !== label[b]
      label[a] = least
      label[b] = least
    }
  }
  const connected = new Set(edges.flat())
  return label.flatMap((name, rank) => (connected.has(rank) ? [[name, rank]] : []))
}

async function componentsOf(
  rows: number,
  edges: readonly Edge[],
  size: number,
): Promise<number[][]> {
  const run = await openTestRun({ rows })
  const { storage, folder } = run.store
  const windows = {
    size,
    paths: Array.from({ length: Math.ceil(rows / size) }, (_, i) => `${folder}/edges-${i}`),
  }
  await withWordFiles(storage, windows.paths, 1 << 16, async (files) => {
    for (const [a, b] of edges) files[Math.floor(b / size)]?.add(Uint32Array.of(a, b))
  })
  const members = await readWords(
    storage,
    await findComponents(run, `${folder}/components`, windows),
  )
  return Array.from({ length: members.length / LABEL_WIDTH }, (_, i) => [
    ...members.subarray(2 * i, 2 * i + 2),
  ])
}

const ROWS = 18
const edge = fc
  .tuple(fc.nat(ROWS - 1), fc.nat(ROWS - 1))
  .filter(([a, b]) => a !== b)
  .map(([a, b]): Edge => [Math.min(a, b), Math.max(a, b)])

it('finds the components of any graph, whatever part of it is in memory', async () => {
  expect(EDGE_WIDTH).toBe(2)
  const graph = fc.array(edge, { maxLength: 24 })
  await fc.assert(
    fc.asyncProperty(graph, fc.constantFrom(1, 2, 5, 7, ROWS), async (edges, size) => {
      expect(await componentsOf(ROWS, edges, size)).toEqual(labelsOf(ROWS, edges))
    }),
    { numRuns: 25 },
  )
})

it('finds long chains and stars that cross all windows', async () => {
  const chain = Array.from({ length: ROWS - 1 }, (_, i): Edge => [i, i + 1])
  const star = Array.from({ length: ROWS - 1 }, (_, i): Edge => [i, ROWS - 1])
  for (const edges of [chain, chain.toReversed(), star]) {
    expect(await componentsOf(ROWS, edges, 3)).toEqual(
      Array.from({ length: ROWS }, (_, rank) => [0, rank]),
    )
  }
})
