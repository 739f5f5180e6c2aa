import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { ErrorCode } from '../core/error-codes.ts'
import { EtlError } from '../core/errors.ts'
import { EXIT_CODES, type TrainEvent } from '../core/train-events.ts'
import { PROTOCOL } from '../core/train-job.ts'
import { linesOf, parseEventLine } from './channel.ts'

/**
 * How to start a backend program. `command` is the program and its first arguments, which precede
 * `train --job …`.
 */
export interface Program {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** What a backend program is started for, and how long it may be silent. */
export interface LaunchOptions {
  readonly task: 'probe' | 'plan' | 'train' | 'eval' | 'export' | 'generate' | 'bench'
  /** Absolute path of the job file; absent for `probe`. */
  readonly job?: string
  /** Number of processes. Rank 0 writes to the channel. */
  readonly ranks: number
  /** Folder for the `rank-N.log` files, which are never parsed. */
  readonly logs: string
  readonly signal: AbortSignal
  /**
   * Milliseconds without an event after which the backend is considered lost; 120,000 by default.
   * Backends ping every ten seconds.
   */
  readonly silenceMs?: number
  /** Milliseconds between SIGTERM and SIGKILL; 30,000 by default. */
  readonly graceMs?: number
}

const SILENCE_MS = 120_000
const GRACE_MS = 30_000
const MAX_GARBAGE = 20

/** Error code for each exit code of a backend; any other exit code is `backend-failed`. */
const ERROR_OF: Readonly<Record<number, ErrorCode>> = {
  20: 'job-invalid',
  21: 'data-mismatch',
  22: 'backend-unready',
  30: 'backend-memory',
  31: 'loss-not-finite',
  32: 'backend-lost',
}

/**
 * Starts the ranks of a backend and yields the events of rank 0 until all have ended. Throws an
 * `EtlError` if one fails, dies, falls silent or speaks another protocol. No process is left
 * running, even if the consumer stops early or this process exits.
 */
export async function* launch(program: Program, options: LaunchOptions): AsyncIterable<TrainEvent> {
  const ranks = await startRanks(program, options)
  const stop = (): void => ranks.stop()
  options.signal.addEventListener('abort', stop, { once: true })
  let failure: EtlError | undefined
  let complaint: (TrainEvent & { type: 'error' }) | undefined
  const watchdog = silenceWatch(options.silenceMs ?? SILENCE_MS, () => {
    failure ??= new EtlError('backend-lost', {
      where: options.logs,
      what: 'the backend gave no sign of life',
    })
    ranks.stop()
  })
  let garbage = 0
  try {
    for await (const line of linesOf(ranks.channel)) {
      const parsed = parseEventLine(line)
      if ('event' in parsed) {
        watchdog.heard()
        const { event } = parsed
        if (event.type === 'error') complaint = event
        if (event.type === 'hello' && event.protocol !== PROTOCOL)
          throw foreign(program, event.protocol)
        yield event
      } else if ('foreign' in parsed) throw foreign(program, parsed.foreign)
      else if ('garbage' in parsed && ++garbage > MAX_GARBAGE) {
        const sample = JSON.stringify(parsed.garbage.slice(0, 80))
        throw new EtlError('backend-protocol', {
          where: program.command.join(' '),
          what: `its event channel contains garbage: ${sample}`,
        })
      }
    }
    const ended = await ranks.ended
    if (options.signal.aborted)
      throw new EtlError('interrupted', { what: 'the backend was stopped' })
    if (failure) throw failure
    const bad = ended.find(({ code }) => ![0, 10, 11].includes(code ?? -1))
    if (bad) throw exitError(bad, complaint, options.logs)
  } finally {
    watchdog.end()
    options.signal.removeEventListener('abort', stop)
    ranks.stop()
    await ranks.ended
  }
}

interface Ended {
  readonly rank: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

interface Ranks {
  readonly channel: Readable
  /** How every rank ended, in the order in which they did. Never rejects. */
  readonly ended: Promise<readonly Ended[]>
  /** Sends SIGTERM to all living ranks, and SIGKILL after the grace period. */
  stop(): void
}

async function startRanks({ command, env }: Program, options: LaunchOptions): Promise<Ranks> {
  const [program = '', ...args] = command
  const { task, job, logs, ranks, graceMs = GRACE_MS } = options
  const port = ranks > 1 ? await freePort() : 0
  mkdirSync(logs, { recursive: true })
  const children = Array.from({ length: ranks }, (_, rank) => {
    const log = openSync(join(logs, `rank-${rank}.log`), 'a')
    const child = spawn(program, [...args, task, ...(job === undefined ? [] : ['--job', job])], {
      stdio: ['ignore', log, log, rank === 0 ? 'pipe' : 'ignore'],
      // In a process group of its own, so that Ctrl-C in the terminal reaches only us and we decide
      // when to send which signal.
      detached: true,
      env: {
        ...process.env,
        ...env,
        ...(rank === 0 ? { ETL_EVENTS_FD: '3' } : { ETL_EVENTS_FD: '' }),
        ...(ranks > 1 && {
          RANK: String(rank),
          LOCAL_RANK: String(rank),
          WORLD_SIZE: String(ranks),
          LOCAL_WORLD_SIZE: String(ranks),
          MASTER_ADDR: '127.0.0.1',
          MASTER_PORT: String(port),
        }),
      },
    })
    closeSync(log)
    return child
  })
  const living = new Set(children)
  let killer: NodeJS.Timeout | undefined
  const killAll = (signal: NodeJS.Signals): void => {
    for (const child of living) killGroup(child, signal)
  }
  const stop = (): void => {
    if (living.size === 0 || killer) return
    killAll('SIGTERM')
    killer = setTimeout(() => killAll('SIGKILL'), graceMs)
  }
  const lastResort = (): void => killAll('SIGKILL')
  process.once('exit', lastResort)
  const order: Ended[] = []
  const ends = children.map(
    (child, rank) =>
      new Promise<void>((resolve) => {
        const end = (code: number | null, signal: NodeJS.Signals | null): void => {
          if (!living.delete(child)) return
          order.push({ rank, code, signal })
          // When one rank fails, the others would wait for it forever.
          if (code !== 0 && code !== 10 && code !== 11) stop()
          resolve()
        }
        child.once('error', () => end(22, null))
        child.once('exit', end)
      }),
  )
  const ended = Promise.all(ends).then(() => {
    if (killer) clearTimeout(killer)
    process.off('exit', lastResort)
    return order
  })
  const channel = children[0]?.stdio[3] as Readable
  channel.on('error', () => undefined)
  return { channel, ended, stop }
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    child.kill(signal)
  }
}

function silenceWatch(ms: number, onSilence: () => void) {
  let timer = setTimeout(onSilence, ms)
  return {
    heard() {
      clearTimeout(timer)
      timer = setTimeout(onSilence, ms)
    },
    end: () => clearTimeout(timer),
  }
}

function foreign({ command }: Program, version: number): EtlError {
  return new EtlError('backend-protocol', {
    where: command.join(' '),
    what: `it speaks protocol ${version}, this etl speaks ${PROTOCOL}`,
  })
}

function exitError(
  { rank, code, signal }: Ended,
  complaint: (TrainEvent & { type: 'error' }) | undefined,
  logs: string,
): EtlError {
  const log = join(logs, `rank-${rank}.log`)
  if (signal !== null)
    return new EtlError('backend-lost', {
      where: log,
      what: `rank ${rank} was killed by ${signal}`,
    })
  const known = EXIT_CODES[code as keyof typeof EXIT_CODES]
  const what =
    complaint?.message ??
    `${known?.meaning ?? `rank ${rank} ended with exit code ${code}.`} ${lastLine(log)}`.trim()
  return new EtlError(ERROR_OF[code ?? -1] ?? 'backend-failed', {
    where: log,
    what,
    ...(complaint?.hint ? { hint: complaint.hint } : {}),
  })
}

function lastLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)?.slice(0, 300) ?? ''
  } catch {
    return ''
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
