import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { RunReport } from '../src/core/report.ts'
import { explainDocument, runCorpus } from '../src/index.ts'

const samples = join(import.meta.dirname, '../samples/jsonl')

/** Near-duplicates removed from the `web` source by id, with the documents kept in their favour. */
async function removals(
  corpus: string,
  report: RunReport,
): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {}
  const dropped = report.sources.find(({ source }) => source === 'web')?.dropped ?? []
  for (const { filter, examples } of dropped) {
    if (filter !== 'minhash') continue
    for (const { id } of examples)
      found[id] = (await explainDocument(corpus, id))[0]?.removed?.survivor
  }
  return found
}

it('removes the same documents from a delta as from one corpus, naming the same survivors', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'etl-delta-'))
  const essays = { name: 'essays', type: 'jsonl', input: join(samples, 'essays.jsonl') }
  const web = { name: 'web', type: 'jsonl', input: join(samples, 'web.jsonl.gz') }
  const run = async (name: string, change: object): Promise<RunReport> => {
    const path = join(folder, `${name}.json`)
    const filters = [{ type: 'pii' }, { type: 'langid', minProbability: 0.5 }, { type: 'minhash' }]
    await writeFile(path, JSON.stringify({ name, output: name, filters, ...change }))
    return runCorpus(path, { workers: 2 })
  }
  const together = await run('together', { sources: [essays, web] })
  await run('first', { sources: [essays] })
  const delta = await run('delta', { sources: [web], base: ['first'] })

  const expected = await removals(join(folder, 'together'), together)
  expect(Object.keys(expected).length).toBeGreaterThan(3)
  expect(Object.values(expected).some((survivor) => survivor?.startsWith('essays:'))).toBe(true)
  expect(await removals(join(folder, 'delta'), delta)).toEqual(expected)
  const corpus = JSON.parse(await readFile(join(folder, 'delta', 'corpus.json'), 'utf8'))
  expect(corpus.base).toMatchObject([{ name: 'first' }])
})
