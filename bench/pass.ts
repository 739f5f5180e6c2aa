// A contestant's side of contest.ts, in JavaScript; peers/peers.py is the other.
import { createInterface } from 'node:readline'

/**
 * One pass over all documents. Its result is compared, not measured; a function is called for the
 * result after the clock has stopped.
 */
export type Pass = () => unknown

const ownCpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/**
 * Makes one pass per line of standard input. `prepare` runs before each, outside the measured time.
 * `cpuSeconds` may include other processes.
 */
export async function servePasses(
  pass: Pass,
  prepare: () => void = () => {},
  cpuSeconds: () => number = ownCpuSeconds,
): Promise<void> {
  console.log('{}')
  for await (const _ of createInterface({ input: process.stdin })) {
    prepare()
    const wall = performance.now()
    const cpu = cpuSeconds()
    const outcome = await pass()
    const used = cpuSeconds() - cpu
    const wallSeconds = (performance.now() - wall) / 1000
    const peakBytes = process.resourceUsage().maxRSS * 1024
    const results = typeof outcome === 'function' ? outcome() : outcome
    console.log(JSON.stringify({ wallSeconds, cpuSeconds: used, peakBytes, results }))
  }
}
