import { join } from 'node:path'
import type { Storage } from '../../core/storage.ts'
import { readJson, topFolder, writeJson } from '../segments/work-folder.ts'

/**
 * Everything a corpus folder holds besides its work folder; `corpus.json` last, since it says that
 * the rest is there.
 */
export const CORPUS_ENTRIES = [
  'train',
  'eval',
  'test',
  'sketches',
  'ledger',
  'dropped',
  'reports',
  'report.json',
  'report.html',
  'README.md',
  'corpus.json',
] as const

/**
 * Moves a finished publish folder into place, entry by entry. Announced in the work folder first:
 * after an interruption `finishPlacing` goes on where it stopped.
 */
export async function placeCorpus(
  storage: Storage,
  publishFolder: string,
  output: string,
): Promise<void> {
  await writeJson(storage, markerPath(publishFolder), {
    entries: [...(await entriesOf(storage, publishFolder))],
  })
  await finishPlacing(storage, publishFolder, output)
}

/** Ends a move that was under way, if there is one. While it lasts there is no `corpus.json`. */
export async function finishPlacing(
  storage: Storage,
  publishFolder: string,
  output: string,
): Promise<void> {
  const marker = await readJson<{ entries: string[] }>(storage, markerPath(publishFolder))
  if (!marker) return
  const pending = await entriesOf(storage, publishFolder)
  if (pending.has('corpus.json')) await storage.remove(join(output, 'corpus.json'))
  for (const entry of CORPUS_ENTRIES) {
    if (pending.has(entry)) {
      await storage.remove(join(output, entry))
      await storage.rename(join(publishFolder, entry), join(output, entry))
    } else if (!marker.entries.includes(entry)) await storage.remove(join(output, entry))
  }
  await storage.remove(publishFolder)
  await storage.remove(`${publishFolder}.facts`)
  await storage.remove(markerPath(publishFolder))
}

async function entriesOf(storage: Storage, folder: string): Promise<Set<string>> {
  const files = await storage.find(folder)
  return new Set(files.map(({ path }) => topFolder(folder, path)))
}

const markerPath = (publishFolder: string): string => `${publishFolder}.placing.json`
