// Plants the texts of a benchmark among others, verbatim and lightly edited, and counts what
// decontamination finds:
//   nice node dist/bench/contamination.js <benchmark.jsonl> <field,field> <texts.jsonl> [options]

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { benchmarkTexts } from '../src/engine/contamination/benchmarks.ts'
import { contaminationExaminer, contaminationIndex } from '../src/engine/contamination/examine.ts'
import { settleContamination } from '../src/engine/contamination/outcome.ts'
import { decontaminateOptions } from '../src/engine/plan/contamination-options.ts'
import { localStorage } from '../src/files/local-storage.ts'
import { type Random, seededRandom } from './duplicates/random.ts'

/** One word in this many is replaced in an edited copy. */
const EDITED_EVERY = 15
/** Characters of other texts before and after a planted one. */
const AROUND = 1500

const [input = '', names = '', corpus = '', json = '{}'] = process.argv.slice(2)
const fields = names.split(',')
const storage = localStorage()
const texts = readFileSync(corpus, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => (JSON.parse(line) as { text: string }).text)
const options = decontaminateOptions.parse({
  benchmarks: [{ name: 'benchmark', input, fields }],
  ...JSON.parse(json),
})
const index = await contaminationIndex(options, storage, process.cwd(), 1 << 29)
console.log(index.benchmarks[0])

const random = seededRandom(7)
const pick = (): string => texts[random.below(texts.length)] ?? ''
const plant = (text: string): string =>
  `${pick().slice(0, AROUND)}\n${text}\n${pick().slice(0, AROUND)}`
const rows: Record<string, Record<string, string>> = {}
for (const field of fields) {
  const items: string[] = []
  for await (const text of benchmarkTexts(storage, '/', {
    name: field,
    input: resolve(input),
    fields: [field],
  })) {
    items.push(new TextDecoder().decode(text))
  }
  rows[field] = {
    verbatim: share(found(items.map(plant)), items.length),
    respelt: share(found(items.map((text) => plant(respell(text, random)))), items.length),
    'respelt and edited': share(
      found(items.map((text) => plant(edit(respell(text, random), random)))),
      items.length,
    ),
  }
}
console.table(rows)
console.log(`false alarms: ${found(texts)} of ${texts.length} texts with nothing planted`)

/**
 * Number of contaminated documents, each examined as if it were alone, so that the frequency of an
 * n-gram does not matter.
 */
function found(documents: readonly string[]): number {
  const encoder = new TextEncoder()
  let contaminated = 0
  for (const text of documents) {
    const examiner = contaminationExaminer<number>(index)
    examiner.examine(0, encoder.encode(text), '')
    contaminated += settleContamination(index, [examiner.result()]).contaminated.length
  }
  return contaminated
}

function share(part: number, whole: number): string {
  return `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`
}

/** Changes case and adds marks here and there. */
function respell(text: string, { share: chance }: Random): string {
  return text.replace(/\S+/g, (word) => {
    if (/\p{Script=Arabic}/u.test(word))
      return chance() < 0.3 ? `${word.replace('ا', 'أ')}\u064e` : word
    return chance() < 0.1 ? word.toUpperCase() : word
  })
}

/** Replaces a word here and there. */
function edit(text: string, { below }: Random): string {
  let position = below(EDITED_EVERY)
  return text.replace(/\S+/g, (word) => (position++ % EDITED_EVERY === 0 ? 'replaced' : word))
}
