import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Starts a Node script as the leader of a process group of its own. */
function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { detached: true, stdio: 'ignore' })
}

/**
 * Runs a script to its end. Returns its exit code and its duration in milliseconds. Calls `disturb`
 * with the process id every millisecond until it returns true.
 */
export async function runToEnd(
  args: readonly string[],
  disturb: (pid: number) => Promise<boolean> = async () => true,
): Promise<{ code: number | null; milliseconds: number }> {
  const started = performance.now()
  const child = start(args)
  const exit = once(child, 'exit')
  while (child.exitCode === null && !(await disturb(child.pid ?? 0))) await sleep(1)
  const [code] = await exit
  return { code, milliseconds: performance.now() - started }
}

/** Lets a script run for a while, then kills it and every process it has started. */
export async function runAndKill(args: readonly string[], milliseconds: number): Promise<void> {
  const child = start(args)
  const exit = once(child, 'exit')
  await Promise.race([sleep(milliseconds), exit])
  killGroup(child.pid ?? 0)
  await exit
}

/**
 * Lets a script run until `holds` returns true, then kills it and every process it has started.
 * Returns false if it ended before.
 */
export async function runUntil(
  args: readonly string[],
  holds: () => Promise<boolean>,
): Promise<boolean> {
  let held = false
  await runToEnd(args, async (pid) => {
    held = await holds()
    if (held) killGroup(pid)
    return held
  })
  return held
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // The script has ended already.
  }
}

/** SHA-256 of every published file of a corpus by path: all but the work folder and `run.json`. */
export async function publishedHashes(output: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  for (const entry of await readdir(output, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || path.includes('/.work/') || entry.name === 'run.json') continue
    hashes[path.slice(output.length + 1)] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
  }
  return hashes
}
