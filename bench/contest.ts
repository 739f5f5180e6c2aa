// Contestants are processes of one thread that hold the same documents. Each is asked for one pass
// at a time, in turn, so that disturbances of the machine affect all of them.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * How to start a contestant. It prints one JSON line when ready and one per pass, and makes one
 * pass per line it reads.
 */
export interface Contestant {
  readonly name: string
  readonly command: readonly string[]
  /** Seconds of CPU time of warm-up passes before the first round. */
  readonly warmUp?: number
}

/** What one contestant printed for one pass. */
interface Pass {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  /** Largest resident size so far, in bytes. */
  readonly peakBytes: number
  /** Results to compare, in the same shape for all contestants of a contest. */
  readonly results?: unknown
}

/** A contestant's figures: medians over the rounds, or why there are none. */
export type Standing =
  | { readonly name: string; readonly failure: string }
  | {
      readonly name: string
      readonly wallSeconds: number
      readonly cpuSeconds: number
      readonly peakBytes: number
      /**
       * CPU seconds of this contestant divided by those of the first, median over the rounds: how
       * many times as fast the first is.
       */
      readonly ratio: number
      /** The same for wall time. */
      readonly wallRatio: number
      readonly results: unknown
    }

const PASS_TIMEOUT_MS = 600_000

/** Runs all contestants for some rounds, one after the other in each; the first is ours. */
export async function contest(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Standing[]> {
  const running = await Promise.all(contestants.map(start))
  const passes: Pass[][] = contestants.map(() => [])
  for (const [i, { warmUp = 0 }] of contestants.entries()) {
    for (let spent = 0; spent < warmUp && running[i]!.failure === undefined; ) {
      spent += (await running[i]!.pass())?.cpuSeconds ?? 0
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [i, one] of running.entries()) {
      if (one.failure !== undefined) continue
      const pass = await one.pass()
      if (pass !== undefined) passes[i]!.push(pass)
    }
  }
  for (const one of running) one.stop()
  const ours = passes[0]!
  return running.map((one, i) => {
    const done = passes[i]!
    if (one.failure !== undefined || done.length < rounds || ours.length < rounds) {
      return { name: one.name, failure: one.failure ?? 'stopped early' }
    }
    return {
      name: one.name,
      wallSeconds: median(done.map((pass) => pass.wallSeconds)),
      cpuSeconds: median(done.map((pass) => pass.cpuSeconds)),
      peakBytes: Math.max(...done.map((pass) => pass.peakBytes)),
      ratio: median(done.map((pass, round) => pass.cpuSeconds / ours[round]!.cpuSeconds)),
      wallRatio: median(done.map((pass, round) => pass.wallSeconds / ours[round]!.wallSeconds)),
      results: done.at(-1)!.results,
    }
  })
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

interface Running {
  readonly name: string
  failure: string | undefined
  pass(): Promise<Pass | undefined>
  stop(): void
}

async function start({ name, command }: Contestant): Promise<Running> {
  const [program, ...args] = command
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {})
  const errors: string[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const running: Running = {
    name,
    failure: undefined,
    async pass() {
      child.stdin.write('pass\n')
      return answer()
    },
    stop: () => stop(child),
  }
  const answer = async (): Promise<Pass | undefined> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), PASS_TIMEOUT_MS)
    const { value, done } = await lines.next()
    clearTimeout(timer)
    if (done !== true) return JSON.parse(value) as Pass
    running.failure = errors.join('').trim().split('\n').at(-1) || 'ended without an answer'
    return undefined
  }
  child.on('error', (error) => errors.push(error.message))
  await answer()
  return running
}

function stop(child: ChildProcess): void {
  child.stdin?.end()
  child.kill()
}
