import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lastUsed } from '../../files/last-used.ts'

/** Files of a corpus that change when it is made or used. */
const USED = ['corpus.json', 'run.json', 'report.html', 'tokens']

/**
 * The corpus that was used last: the folder itself or one directly below it, recognised by what its
 * `corpus.json` says, since a manifest may have this name too. Undefined if there is none.
 */
export async function newestCorpus(folder: string): Promise<string | undefined> {
  const below = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = below.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  const folders = [folder, ...names.map(({ name }) => join(folder, name))]
  const corpora: string[] = []
  for (const one of folders) if (await isCorpus(one)) corpora.push(one)
  return lastUsed(corpora, USED)
}

/** Whether `corpus.json` in a folder is that of a published corpus. */
export async function isCorpus(folder: string): Promise<boolean> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, 'corpus.json'), 'utf8'))
    return typeof value === 'object' && value !== null && 'shards' in value && 'files' in value
  } catch {
    return false
  }
}
