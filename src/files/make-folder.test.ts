import { mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { localStorage } from './local-storage.ts'
import { makeFolder } from './make-folder.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-'))
})

it('makes missing folders, even with several callers at once', async () => {
  const path = join(folder, 'a/b/c')
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)))
  await makeFolder(path)
  expect(await localStorage().find(path)).toEqual([])
})

it('fails on a file or a dangling link in the way', async () => {
  await writeFile(join(folder, 'file'), '')
  await symlink(join(folder, 'nowhere/deeper'), join(folder, 'link'))
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(folder, 'file/inside'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  await expect(makeFolder(join(folder, 'link/inside'))).rejects.toThrow()
})

describe.runIf(process.platform === 'linux')('below /proc', () => {
  it('fails instead of retrying forever', async () => {
    await expect(makeFolder('/proc/corpus/.work')).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(localStorage().create('/proc/corpus/a/b')).rejects.toMatchObject({
      code: 'output-unwritable',
    })
  })
})
