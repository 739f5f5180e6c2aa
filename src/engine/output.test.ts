import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { outputProblem } from './output.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etl-output-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('may be missing, empty, a corpus, or the work of an interrupted run', async () => {
  expect(await outputProblem(join(folder, 'new'))).toBeUndefined()
  expect(await outputProblem(folder)).toBeUndefined()
  mkdirSync(join(folder, '.work'))
  writeFileSync(join(folder, 'README.md'), '')
  expect(await outputProblem(folder)).toBeUndefined()
  rmSync(join(folder, '.work'), { recursive: true })
  writeFileSync(join(folder, 'corpus.json'), JSON.stringify({ shards: [], files: [] }))
  expect(await outputProblem(folder)).toBeUndefined()
})

it('is not a project with files of its own, nor the folder of the manifest', async () => {
  mkdirSync(join(folder, 'train'))
  for (const name of ['README.md', 'a.ts', 'مذكرات.txt']) writeFileSync(join(folder, name), '')
  expect(await outputProblem(folder)).toBe(
    'holds other files (README.md, a.ts, train and 1 more) and no corpus',
  )
  writeFileSync(join(folder, 'corpus.json'), JSON.stringify({ name: 'x', sources: [] }))
  expect(await outputProblem(folder)).toContain('no corpus')
})
