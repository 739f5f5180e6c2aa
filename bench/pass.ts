// A contestant's side of contest.ts, in JavaScript; peers/peers.py is the other.
import { createInterface } from 'node:readline'

/**
 * One pass over all documents; what it returns is compared, not measured. A function is called for it once the clock has
 * stopped.
 */
export type Pass = () => unknown

/** Passes once per line of standard input; `prepare` runs before each, outside the measured time. */
export async function servePasses(pass: Pass, prepare: () => void = () => {}): Promise<void> {
  console.log('{}')
  for await (const _ of createInterface({ input: process.stdin })) {
    prepare()
    const wall = performance.now()
    const cpu = process.cpuUsage()
    const outcome = await pass()
    const { user, system } = process.cpuUsage(cpu)
    const wallSeconds = (performance.now() - wall) / 1000
    const peakBytes = process.resourceUsage().maxRSS * 1024
    const results = typeof outcome === 'function' ? outcome() : outcome
    console.log(JSON.stringify({ wallSeconds, cpuSeconds: (user + system) / 1e6, peakBytes, results }))
  }
}
