// Plants known duplicates and counts what the filter decides about them:
//   nice node dist/bench/duplicates/main.js [pairs per bin = 2000] [documents = 120000]
//     [options as JSON] [corpus.jsonl]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minhash } from '../../filters/minhash/index.ts'
import type { Decision } from '../../src/core/filter.ts'
import { benchContext } from '../context.ts'
import {
  BINS,
  fileBase,
  injectDuplicates,
  jaccardOf,
  type Plant,
  type Planted,
  randomBase,
  shinglesOf,
} from './inject.ts'
import { seededRandom } from './random.ts'
import { sketchDocuments } from './store.ts'

const [pairs = '2000', count = '120000', json = '{}', corpus] = process.argv.slice(2)
const options = minhash.options.parse(JSON.parse(json))
const random = seededRandom(20261123)
const { documents, plants } = injectDuplicates(
  corpus ? fileBase(corpus) : randomBase(random),
  random,
  {
    pairs: Number(pairs),
    documents: Number(count),
  },
)
const removed = await removedBy(documents)
console.log(
  `${documents.length} documents, ${removed.size} removed, threshold ${options.threshold}, ${options.bands}x${options.rows} ${options.signature}`,
)
console.table(recall(plants))
console.table(survival(plants))
const wrong = [...removed.values()].filter((decision) => !isRight(decision))
console.log(
  `removals below the threshold, without a kept survivor or with a wrong similarity: ${wrong.length}`,
)
for (const { row, survivor, reason, similarity } of wrong.slice(0, 5)) {
  const slow = jaccardOf(documents[row]!.words, documents[survivor]!.words)
  console.log(
    `  ${reason} ${documents[row]!.id} for ${documents[survivor]!.id}: said ${similarity}, is ${slow}`,
  )
}
if (wrong.length > 0) process.exitCode = 1

async function removedBy(all: readonly Planted[]): Promise<Map<number, Decision>> {
  const folder = await mkdtemp(join(tmpdir(), 'duplicates-'))
  try {
    const filter = await minhash.create(options, benchContext(folder))
    const encoder = new TextEncoder()
    const source = (row: number): number => row % 3
    const store = await sketchDocuments(
      filter,
      {
        rows: all.length,
        sources: ['s0', 's1', 's2'],
        id: (row) => all[row]!.id,
        source,
        isCode: (row) => all[row]!.language === 'code',
        text: (row) => encoder.encode(all[row]!.text),
      },
      folder,
      { memoryBytes: 2 ** 30, workers: 2 },
    )
    const decisions = new Map<number, Decision>()
    for await (const one of filter.decide(store)) {
      if ('alarm' in one) console.log(`alarm ${one.alarm.code}: ${one.alarm.message}`)
      else decisions.set(one.row, one)
    }
    return decisions
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Share of pairs of which one was removed, by true similarity. */
function recall(
  all: readonly Plant[],
): Record<string, { pairs: number; removed: number; share: string }> {
  const rows: Record<string, { pairs: number; removed: number; share: string }> = {}
  const note = (name: string, hit: boolean): void => {
    rows[name] ??= { pairs: 0, removed: 0, share: '' }
    rows[name].pairs++
    if (hit) rows[name].removed++
    rows[name].share = (rows[name].removed / rows[name].pairs).toFixed(4)
  }
  for (const { kind, members } of all) {
    const [a, b] = members as [number, number]
    const hit = removed.has(a) || removed.has(b)
    if (kind === 'exact' || kind === 'variant') note(kind, hit)
    if (kind !== 'edited' && kind !== 'truncated') continue
    const similarity = jaccardOf(documents[a]!.words, documents[b]!.words)
    note(`${kind} ${binOf(similarity)}`, hit)
  }
  return Object.fromEntries(Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function binOf(similarity: number): string {
  const low = BINS.findLast((bin) => similarity >= bin)
  return low === undefined ? 'below 0.50' : `${low.toFixed(2)}-${(low + 0.05).toFixed(2)}`
}

/** All template pages must survive, and every link of a chain that resembles no survivor. */
function survival(all: readonly Plant[]): Record<string, { groups: number; intact: number }> {
  const of = (kind: Plant['kind']) => all.filter((plant) => plant.kind === kind)
  const intact = (plant: Plant): boolean =>
    plant.members.every((member) => !removed.has(member) || isRight(removed.get(member)!))
  const whole = (plant: Plant): boolean => plant.members.every((member) => !removed.has(member))
  const standing = (plant: Plant): boolean => {
    const kept = plant.members.filter((member) => !removed.has(member))
    return intact(plant) && (kept.length > 1 || kept[0] === plant.members[1])
  }
  return {
    'templates, all pages kept': {
      groups: of('template').length,
      intact: of('template').filter(whole).length,
    },
    'chains, not collapsed': {
      groups: of('chain').length,
      intact: of('chain').filter(standing).length,
    },
  }
}

/** Whether a removal is justified by similarities computed the slow way. */
function isRight({ row, survivor, similarity, reason }: Decision): boolean {
  if (removed.has(survivor)) return false
  const [a, b] = [documents[row]!.words, documents[survivor]!.words]
  if (reason === 'exact-duplicate') return a.join(' ') === b.join(' ')
  const slow = options.similarity === 'jaccard' ? jaccardOf(a, b) : containmentOf(a, b)
  return slow >= options.threshold && Math.abs(slow - similarity) < 1e-3
}

function containmentOf(part: readonly string[], whole: readonly string[]): number {
  const [left, right] = [shinglesOf(part), shinglesOf(whole)]
  return [...left].filter((shingle) => right.has(shingle)).length / left.size
}
