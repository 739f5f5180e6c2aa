import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { localStorage } from '../../files/local-storage.ts'
import {
  readRecords,
  type SegmentRecord,
  segmentBase,
  setAsidePath,
  writeRecord,
} from './work-folder.ts'

it('reads segments up to the last one, deletes all but them and the quarantine list', async () => {
  const storage = localStorage()
  const folder = await mkdtemp(join(tmpdir(), 'records-'))
  const record = (index: number, last = false): SegmentRecord => ({
    index,
    cursor: index,
    last,
    chain: 'now',
    counts: { documents: 1, kept: 1, bytes: 1 },
    skipped: [],
  })
  for (const written of [record(0), record(1, true), record(2)])
    await writeRecord(storage, folder, written)
  await writeFile(`${segmentBase(folder, 1, 'now')}.kept.arrow`, '')
  await writeFile(`${segmentBase(folder, 1, 'now')}.ledger.arrow.77.tmp`, '')
  await writeFile(`${segmentBase(folder, 1, 'before')}.kept.arrow`, '')
  await writeFile(setAsidePath(folder), '[]')
  expect(await readRecords(storage, folder, 'now')).toEqual([record(0), record(1, true)])
  expect((await readdir(folder)).sort()).toEqual([
    '000000.now.done.json',
    '000001.now.done.json',
    '000001.now.kept.arrow',
    'set-aside.json',
  ])
})
