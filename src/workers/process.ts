import { type ChildProcess, fork } from 'node:child_process'
import type { FromWorker, StartEndpoint } from './protocol.ts'

/**
 * V8 flags of worker processes, measured on whole runs.
 *
 * V8's helper threads cost more than they save when every core has its own worker and the heap is
 * small. Garbage is therefore collected on the main thread: the young generation early, before it
 * keeps much memory outside the heap alive; the rest when the heap has grown by half or when the
 * stage step asks. The hot loops are WebAssembly, and compiling JavaScript took a tenth of a
 * worker's time. Code is therefore optimised twelve times later than by default, with little
 * inlining. `--interrupt-budget` was removed in V8 12 (Node 22), where an unknown flag would keep
 * the process from starting.
 */
const WORKER_FLAGS = [
  '--single-threaded-gc',
  '--no-incremental-marking',
  '--heap-growing-percent=50',
  '--max-semi-space-size=4',
  '--expose-gc',
  '--max-inlined-bytecode-size-cumulative=300',
  ...(Number.parseInt(process.versions.v8, 10) < 12 ? ['--interrupt-budget=800000'] : []),
]

/** Characters at the end of a dying process's standard error that its `WorkerLost` quotes. */
const QUOTED = 2000

/** A child process that runs `script`. It exits with this process, because its channel closes. */
export function workerProcess(script: string): StartEndpoint {
  return ({ onMessage, onGone }) => {
    const child: ChildProcess = fork(script, [], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      execArgv: WORKER_FLAGS,
    })
    let complaint = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-QUOTED)
    })
    const gone = (detail: string): void => {
      onGone(`${detail}${complaint ? `: ${complaint.trim()}` : ''}`)
    }
    child.on('message', (message: FromWorker) => onMessage(message))
    child.on('exit', (code, signal) => gone(`a worker ended with ${signal ?? `exit code ${code}`}`))
    child.on('error', (error) => gone(`a worker process failed: ${error.message}`))
    return {
      post(message) {
        if (!('answerTo' in message)) child.send(message)
        // The worker that asked may have exited by now.
        else if (child.connected) child.send(message, () => undefined)
      },
      kill: () => void child.kill('SIGKILL'),
    }
  }
}
