import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { PACKAGE_FOLDER } from './python.ts'

/** Between SIGTERM and SIGKILL when a run is ended. */
const TERM_MS = 30_000
/** What the other ranks get to notice the end of one of them, and to say why they fail. */
const FAREWELL_MS = 5_000
/** Rank 0 pings every ten seconds; after this long without a line it is taken for dead. */
const SILENCE_MS = 180_000

export interface Launch {
  readonly python: string
  readonly command: 'train' | 'eval' | 'export' | 'generate'
  /** Path of the job file. */
  readonly job: string
  readonly ranks: number
  /** Folder for `rank-N.log`; without one the output of the processes is thrown away. */
  readonly logs?: string
  readonly signal?: AbortSignal
}

/** How the processes of a launch ended. */
export interface Ending {
  /** By rank: an exit code, 128 + n after signal n. */
  readonly codes: readonly number[]
  readonly reason: 'ended' | 'aborted' | 'silent'
}

/**
 * Starts one process a rank and yields the lines that rank 0 writes to descriptor 3; returns how they ended. When one
 * fails, the others are ended; when the consumer leaves early or the signal aborts, all are. Ranks also die with this
 * process (see `die_with_parent` in the Python package).
 */
export async function* launch(options: Launch): AsyncGenerator<string, Ending> {
  const port = await freePort()
  const children = Array.from({ length: options.ranks }, (_, rank) => startRank(options, rank, port))
  const endings = children.map(endOf)
  const codes: (number | undefined)[] = children.map(() => undefined)
  let reason: Ending['reason'] = 'ended'
  const stop = (why: Ending['reason'], patience: number): void => {
    if (reason === 'ended') reason = why
    endAll(children, patience)
  }
  endings.forEach((ending, rank) => {
    void ending.then((code) => {
      codes[rank] = code
      if (code !== 0) setTimeout(() => endAll(children, FAREWELL_MS), FAREWELL_MS).unref()
    })
  })
  const abort = (): void => stop('aborted', TERM_MS)
  options.signal?.addEventListener('abort', abort, { once: true })
  if (options.signal?.aborted) abort()
  const silence = setTimeout(() => stop('silent', FAREWELL_MS), SILENCE_MS)
  try {
    for await (const line of createInterface({ input: eventsOf(children[0]), crlfDelay: Number.POSITIVE_INFINITY })) {
      silence.refresh()
      yield line
    }
    await Promise.all(endings)
  } finally {
    clearTimeout(silence)
    options.signal?.removeEventListener('abort', abort)
    endAll(children, FAREWELL_MS)
    await Promise.all(endings)
  }
  return { codes: codes.map((code) => code ?? 1), reason }
}

function startRank({ python, command, job, ranks, logs }: Launch, rank: number, port: number): ChildProcess {
  if (logs !== undefined) mkdirSync(logs, { recursive: true })
  const log = openSync(logs === undefined ? devNull : join(logs, `rank-${rank}.log`), 'a')
  try {
    return spawn(python, ['-m', 'cosmos_torch', command, '--job', job], {
      stdio: ['ignore', log, log, rank === 0 ? 'pipe' : 'ignore'],
      env: {
        ...process.env,
        PYTHONPATH: PACKAGE_FOLDER,
        PYTHONUNBUFFERED: '1',
        PYTHONDONTWRITEBYTECODE: '1',
        RANK: String(rank),
        LOCAL_RANK: String(rank),
        WORLD_SIZE: String(ranks),
        MASTER_ADDR: '127.0.0.1',
        MASTER_PORT: String(port),
        ETL_PARENT_PID: String(process.pid),
        ...(rank === 0 ? { ETL_EVENTS_FD: '3' } : {}),
      },
    })
  } finally {
    closeSync(log)
  }
}

function eventsOf(child: ChildProcess | undefined): Readable {
  const stream = child?.stdio[3]
  if (!stream || !('read' in stream)) throw new Error('rank 0 has no event channel')
  return stream
}

/** Settles when the process is gone, also when it could not be started. */
function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127))
    child.once('exit', (code, signal) => resolve(code ?? 128 + signalNumber(signal)))
  })
}

const SIGNALS: Readonly<Record<string, number>> = { SIGINT: 2, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }
const signalNumber = (signal: NodeJS.Signals | null): number => SIGNALS[signal ?? ''] ?? 1

function endAll(children: readonly ChildProcess[], patience: number): void {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), patience).unref()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 29_500
}
