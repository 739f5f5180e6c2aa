import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EtlError } from '../../index.ts'

/**
 * The folder with the newest `corpus.json`: the current one or one directly below it. Throws
 * `corpus-missing` if there is none.
 */
export async function latestCorpus(): Promise<string> {
  const names = await readdir('.', { withFileTypes: true }).catch(() => [])
  const folders = [
    '.',
    ...names
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name),
  ]
  return newest(
    folders,
    'corpus.json',
    'corpus-missing',
    'no corpus in this folder or directly below it',
  )
}

/** The folder below `runs` with the newest `job.json`. Throws `run-missing` if there is none. */
export async function latestRun(runs: string): Promise<string> {
  const names = await readdir(runs).catch(() => [])
  return newest(
    names.map((name) => join(runs, name)),
    'job.json',
    'run-missing',
    `no run in ${runs}`,
  )
}

async function newest(
  folders: readonly string[],
  file: string,
  code: 'corpus-missing' | 'run-missing',
  what: string,
): Promise<string> {
  let best: { folder: string; time: number } | undefined
  for (const folder of folders) {
    const info = await stat(join(folder, file)).catch(() => undefined)
    if (info && (!best || info.mtimeMs > best.time)) best = { folder, time: info.mtimeMs }
  }
  if (!best) throw new EtlError(code, { what })
  return best.folder
}
