import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { EtlError } from '../core/errors.ts'
import { makeFolder } from './make-folder.ts'

/** Paths of the locks that this process holds. */
const held = new Set<string>()

/**
 * Takes the lock file of a folder and returns a function that releases it. A lock whose process has
 * ended, also by a reboot, is taken over; one held on another machine is always respected. Throws
 * `output-locked` if somebody else holds it, and `output-unwritable` if it cannot be written.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const { pid } = process
  const mine = JSON.stringify({ pid, host: hostname(), started: startOf(pid) } satisfies Holder)
  const own = `${path}.${pid}.${randomUUID()}.tmp`
  for (let attempt = 0; attempt < 3; attempt++) {
    if (await isTaken(path, own, mine)) {
      held.add(path)
      return async () => {
        held.delete(path)
        await rm(path, { force: true })
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

/** Makes the lock file, whole at once. False if there is one already. */
async function isTaken(path: string, own: string, content: string): Promise<boolean> {
  const unwritable = (cause: unknown): EtlError => {
    const what = cause instanceof Error ? cause.message : String(cause)
    return new EtlError('output-unwritable', { where: dirname(path), what, cause })
  }
  try {
    await makeFolder(dirname(path))
    await writeFile(own, content, { mode: 0o600 })
  } catch (cause) {
    throw unwritable(cause)
  }
  try {
    await link(own, path)
    return true
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false
    throw unwritable(cause)
  } finally {
    await rm(own, { force: true })
  }
}

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process started, see `startOf`. */
  readonly started?: string | undefined
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true
  if (started !== undefined && started !== startOf(pid)) return false
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * The boot of this machine and the tick of it at which a process started, so that another process
 * that later gets the same number is told apart. Undefined where there is no /proc, or no process.
 */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const facts = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in parentheses, may hold spaces; the start is 20 fields behind it.
    const start = facts.slice(facts.lastIndexOf(')') + 2).split(' ')[19]
    return `${boot}/${start}`
  } catch {
    return undefined
  }
}
