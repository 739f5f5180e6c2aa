import { stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The folder in which one of the named files changed last. */
export async function lastUsed(
  folders: readonly string[],
  files: readonly string[],
): Promise<string | undefined> {
  let best: { readonly folder: string; readonly time: number } | undefined
  for (const folder of folders) {
    const times = await Promise.all(
      files.map((file) =>
        stat(join(folder, file)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      ),
    )
    const time = Math.max(...times)
    if (time > 0 && (!best || time > best.time)) best = { folder, time }
  }
  return best?.folder
}
