import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { takeLock } from './lock.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etl-lock-'))
  path = join(folder, 'lock')
})
afterEach(() => rmSync(folder, { recursive: true }))

const leave = (holder: object): void => writeFileSync(path, JSON.stringify(holder))
const parent = { pid: process.ppid, host: hostname() }

describe('a lock', () => {
  it('is held once, also within a process, and may be taken again when it is released', async () => {
    const release = await takeLock(path)
    await expect(takeLock(path)).rejects.toMatchObject({ code: 'output-locked' })
    await release()
    await (await takeLock(path))()
  })

  it('is respected while its process lives, and where it is on another machine', async () => {
    leave(parent)
    await expect(takeLock(path)).rejects.toThrow(`process ${process.ppid} on ${hostname()}`)
    leave({ pid: 2 ** 22 + 1, host: 'elsewhere', started: 'boot/1' })
    await expect(takeLock(path)).rejects.toMatchObject({ code: 'output-locked' })
  })

  it('is taken over from a process that has ended', async () => {
    leave({ pid: 2 ** 22 + 1, host: hostname() })
    await (await takeLock(path))()
  })

  it.skipIf(process.platform !== 'linux')(
    'is taken over when its number belongs to another process now, as after a reboot',
    async () => {
      leave({ ...parent, started: 'an earlier boot/12' })
      const release = await takeLock(path)
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid })
      await release()
    },
  )

  it('that cannot be written is an error of its own', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(takeLock(join(folder, 'file', 'lock'))).rejects.toMatchObject({
      code: 'output-unwritable',
    })
  })
})
