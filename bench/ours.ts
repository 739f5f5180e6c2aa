// Our side of a contest: the same protocol as peers/peers.py. Usage: ours.js MODE TEXTS MODEL.
import { readFileSync } from 'node:fs'
import { filters } from '../filters/index.ts'
import { type Batch, bytesAt, type TextColumn, textColumn } from '../src/core/batch.ts'
import type { CorpusFilter, Filter, Measures } from '../src/core/filter.ts'
import { giveBack } from '../src/core/text-memory.ts'
import { labelScorer } from '../src/kernels/fasttext/fasttext-labels.ts'
import { readFastTextModel } from '../src/kernels/fasttext/fasttext-model.ts'
import { rowSummerKernel } from '../src/kernels/fasttext/kernel.ts'
import { kernelMemory } from '../src/kernels/memory/module.ts'
import { benchContext } from './context.ts'
import { type Pass, servePasses } from './pass.ts'

const BATCH_BYTES = 4 << 20

/** The top label of every whole, unchanged document, which is what the peer computes. */
function languages(texts: readonly string[], modelPath: string): Pass {
  const column = textColumn(texts.map((text) => text.replaceAll('\n', ' ')))
  const model = readFastTextModel(readFileSync(modelPath), modelPath)
  const sumRows = rowSummerKernel(model)
  const scorer = labelScorer(model)
  const memory = kernelMemory()
  const mean = new Float32Array(model.dimension)
  return () => {
    const found: (string | number)[][] = []
    for (let row = 0; row < texts.length; row++) {
      memory.scope(() => {
        const bytes = bytesAt(column, row)
        const at = memory.lend(bytes)
        const count = sumRows(at, at + bytes.length, mean)
        for (let i = 0; i < mean.length; i++) mean[i]! /= count
        const { label, probability } = scorer.best(mean)
        found.push([model.labels[label]!, probability])
      })
    }
    return found
  }
}

/**
 * The named filters as the engine runs them, batch by batch; corpus filters make their sketches.
 */
async function chain(texts: readonly string[], names: readonly string[]): Promise<Pass> {
  const context = benchContext(process.cwd())
  const steps: ((batch: Batch) => unknown)[] = []
  for (const name of names) {
    const component = await filters[name]!()
    const options = component.options.parse(component.example)
    if (component.level === 'row') steps.push(rowStep(await component.create(options, context)))
    else steps.push(sketchStep(await component.create(options, context)))
  }
  const batches = batched(texts).map(batchOf)
  return () => {
    let rows: unknown
    const all: unknown[] = []
    for (const unread of batches) {
      // Filters replace columns of a batch and write into these two.
      const batch = { ...unread, lang: [...unread.lang], langScore: unread.langScore.slice() }
      for (const step of steps) {
        const { text } = batch
        rows = step(batch)
        if (text !== batch.text && text !== unread.text) giveBack(text.bytes)
      }
      if (batch.text !== unread.text) giveBack(batch.text.bytes)
      all.push(rows)
    }
    // The counts of the filter `pii` are compared.
    return names.join() === 'pii'
      ? () => all.flatMap((rows) => (rows as Counts[]).map(countsOf))
      : undefined
  }
}

type Counts = Readonly<Record<string, unknown>>
const COUNTED = ['emails', 'keys', 'ipAddresses', 'phones', 'ibans', 'cards', 'nationalIds']
const countsOf = (row: Counts): string => COUNTED.map((name) => row[name]).join(' ')

function rowStep(filter: Filter) {
  return (batch: Batch): Counts[] => {
    const { measures, rowAt } = measureArrays(filter, batch.rows)
    filter.measure(batch, measures)
    const rows = Array.from({ length: batch.rows }, (_, row) => rowAt(row))
    for (const [row, values] of rows.entries())
      filter.judge({ kind: 'prose', lang: batch.lang[row]!, values })
    return rows
  }
}

function sketchStep(filter: CorpusFilter) {
  return (batch: Batch): void =>
    filter.sketch(batch, new Uint8Array(batch.rows * filter.sketchBytes))
}

function measureArrays(filter: Filter, rows: number) {
  const arrays = Object.entries(filter.measures).map(([name, { type }]) => {
    if (type === 'number') return [name, new Float32Array(rows)] as const
    return [
      name,
      type === 'count' ? new Uint32Array(rows) : new Array<string>(rows).fill(''),
    ] as const
  })
  const byName = new Map<string, Float32Array | Uint32Array | string[]>(arrays)
  const measures: Measures = {
    number: (name) => byName.get(name) as Float32Array,
    count: (name) => byName.get(name) as Uint32Array,
    label: (name) => byName.get(name) as string[],
  }
  const rowAt = (row: number) =>
    Object.fromEntries(arrays.map(([name, values]) => [name, values[row]!]))
  return { measures, rowAt }
}

function batchOf(text: TextColumn): Batch {
  const rows = text.offsets.length - 1
  const empty = textColumn(new Array<string>(rows).fill(''))
  const id = textColumn(Array.from({ length: rows }, (_, row) => `bench:${row}`))
  const meta = {
    url: empty,
    license: empty,
    author: empty,
    created: empty,
    revised: empty,
    metadata: empty,
  }
  const lang = new Array<string>(rows).fill('')
  const numbers = {
    kind: new Uint8Array(rows),
    items: new Uint32Array(rows).fill(1),
    langScore: new Float32Array(rows),
  }
  return { source: 'bench', rows, id, text, ...meta, lang, ...numbers }
}

function batched(texts: readonly string[]): TextColumn[] {
  const groups: string[][] = [[]]
  let bytes = 0
  for (const text of texts) {
    bytes += Buffer.byteLength(text)
    if (bytes > BATCH_BYTES) {
      groups.push([])
      bytes = Buffer.byteLength(text)
    }
    groups.at(-1)!.push(text)
  }
  return groups.map(textColumn)
}

const [mode = '', textsPath = '', modelPath = ''] = process.argv.slice(2)
const texts = readFileSync(textsPath, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => (JSON.parse(line) as { text: string }).text)
const pass =
  mode === 'languages' ? languages(texts, modelPath) : await chain(texts, mode.split('+'))
await servePasses(pass)
