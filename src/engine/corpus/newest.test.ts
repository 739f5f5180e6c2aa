import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { localStorage } from '../../files/local-storage.ts'
import { readCorpus } from './browse.ts'
import { newestCorpus } from './newest.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etl-newest-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const MANIFEST = { name: 'corpus', output: 'corpus', sources: [] }

/** Writes a file that was last changed so many seconds after the epoch. */
function write(path: string, value: object, seconds: number): void {
  const full = join(folder, path)
  mkdirSync(join(full, '..'), { recursive: true })
  writeFileSync(full, JSON.stringify(value))
  utimesSync(full, seconds, seconds)
}

it('is a corpus by what is in it, not a newer manifest called corpus.json', async () => {
  write('corpus/corpus.json', { shards: [], files: [] }, 100)
  write('corpus.json', MANIFEST, 200)
  expect(await newestCorpus(folder)).toBe(join(folder, 'corpus'))
  await expect(readCorpus(localStorage(), folder)).rejects.toMatchObject({
    code: 'corpus-missing',
    message: expect.stringContaining('a manifest, not a corpus'),
  })
})

it('is the one used last: made, run again, or tokenized', async () => {
  write('one/corpus.json', { shards: [], files: [] }, 100)
  write('two/corpus.json', { shards: [], files: [] }, 200)
  expect(await newestCorpus(folder)).toBe(join(folder, 'two'))
  mkdirSync(join(folder, 'one', 'tokens'))
  expect(await newestCorpus(folder)).toBe(join(folder, 'one'))
})

it('is none where there is none, or only a damaged one', async () => {
  expect(await newestCorpus(join(folder, 'nowhere'))).toBeUndefined()
  mkdirSync(join(folder, 'a'))
  writeFileSync(join(folder, 'a', 'corpus.json'), '{"shards":')
  expect(await newestCorpus(folder)).toBeUndefined()
})
