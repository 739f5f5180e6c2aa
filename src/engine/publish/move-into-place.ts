import { join } from 'node:path'
import type { Storage } from '../../core/storage.ts'
import type { Plan } from '../plan/plan.ts'
import { readJson, topFolder, writeJson, writeText } from '../segments/work-folder.ts'

/**
 * All entries of a corpus folder except its work folder. `corpus.json` comes last because it says
 * that the others are complete.
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
 * Moves a finished publish folder into place, entry by entry. A marker in the work folder is
 * written first, so that `finishPlacing` can complete an interrupted move.
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

/**
 * Completes an interrupted move, if there was one. Until it is complete there is no `corpus.json`.
 */
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

/** Deletes an unfinished publication of another manifest or of other deduplication decisions. */
export async function discardOtherPublication(
  { storage, fingerprint }: Plan,
  folder: string,
  settled: string,
): Promise<void> {
  const markerPath = `${folder}.facts/for.json`
  const facts = { fingerprint, settled: settled.split('/').at(-1) }
  const marker = `${JSON.stringify(facts, undefined, 2)}\n`
  const info = await storage.stat(markerPath)
  if (info) {
    const handle = await storage.open(markerPath)
    const found = new TextDecoder().decode(
      await handle.read(0, handle.size).finally(() => handle.close()),
    )
    if (found === marker) return
  }
  await storage.remove(folder)
  await storage.remove(`${folder}.facts`)
  await writeText(storage, markerPath, marker)
}
