import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { EtlError } from '../core/errors.ts'
import { makeFolder } from '../files/make-folder.ts'

/** Paths of the locks that this process holds. */
const held = new Set<string>()

/**
 * Takes the lock of a work folder and returns a function that releases it. A lock whose process has
 * ended is taken over; a lock held on another machine is always respected. Throws `output-locked`
 * if somebody else holds it, and `output-unwritable` if the lock file cannot be written.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const mine = JSON.stringify({ pid: process.pid, host: hostname() })
  const own = `${path}.${process.pid}.${randomUUID()}.tmp`
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await makeFolder(dirname(path))
      await writeFile(own, mine, { mode: 0o600 })
      await link(own, path).finally(() => rm(own, { force: true }))
      held.add(path)
      return async () => {
        held.delete(path)
        await rm(path, { force: true })
      }
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) {
        const what = cause instanceof Error ? cause.message : String(cause)
        throw new EtlError('output-unwritable', { where: dirname(path), what, cause })
      }
    }
    const holder = await readHolder(path)
    if (holder && (held.has(path) || isAlive(holder))) {
      throw new EtlError('output-locked', {
        where: dirname(path),
        what: `process ${holder.pid} on ${holder.host} works here`,
      })
    }
    await rm(path, { force: true })
  }
  throw new EtlError('output-locked', {
    where: dirname(path),
    what: 'several runs want this folder at once',
  })
}

interface Holder {
  readonly pid: number
  readonly host: string
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
