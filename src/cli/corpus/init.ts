import { relative } from 'node:path'
import { writeFirstManifest } from '../../index.ts'

/** `etl init [manifest]`: writes a manifest to start from, but never over an existing file. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const written = await writeFirstManifest(args[0] ?? 'corpus.json', String(options.source))
  const { path, manifest, connector } = written
  const shown = relative(process.cwd(), path)
  if (options.json === true) process.stdout.write(`${JSON.stringify({ path, manifest })}\n`)
  else {
    process.stdout.write(`Wrote ${shown}. Point its sources to your files, then:\n\n`)
    process.stdout.write(`  etl list ${connector}\n  etl check ${shown}\n  etl run ${shown}\n`)
  }
  return 0
}
