import { writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EtlError } from '../../core/errors.ts'
import { loadComponent } from '../../engine/plan/registry.ts'
import { makeFolder } from '../../files/make-folder.ts'
import { registry } from '../../index.ts'

/**
 * The filters a manifest starts with: personal data first, since nothing after it may see any;
 * corpus filters last.
 */
const FILTERS = ['pii', 'ads', 'langid', 'minhash'] as const

/** `etl init [manifest]`: writes a manifest to start from; never over an existing file. */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const path = resolve(args[0] ?? 'corpus.json')
  const connector = await loadComponent(registry.connectors, String(options.source), 'connector')
  const manifest = {
    $schema: relative(dirname(path), schemaPath()),
    name: 'my-corpus',
    output: './corpus',
    sources: [{ name: connector.name, type: connector.name, ...connector.example }],
    filters: FILTERS.filter((name) => name in registry.filters).map((type) => ({ type })),
  }
  await makeFolder(dirname(path))
  await writeFile(path, `${JSON.stringify(manifest, undefined, 2)}\n`, { flag: 'wx' }).catch(
    (cause: unknown) => {
      const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
      throw new EtlError('output-unwritable', {
        where: path,
        what: exists ? 'exists already' : 'cannot be written',
        hint: exists
          ? 'Give another name, or remove the file first.'
          : 'Check the permissions of the folder.',
        cause,
      })
    },
  )
  const shown = relative(process.cwd(), path)
  if (options.json === true) process.stdout.write(`${JSON.stringify({ path, manifest })}\n`)
  else {
    process.stdout.write(`${shown} written. Put your files into its sources, then:\n\n`)
    process.stdout.write(`  etl list ${connector.name}\n  etl check ${shown}\n  etl run ${shown}\n`)
  }
  return 0
}

/** manifests/schema.json of this package, from the TypeScript sources as well as from dist/. */
function schemaPath(): string {
  const root = import.meta.url.endsWith('.ts') ? '../../' : '../../../'
  return fileURLToPath(new URL(`${root}manifests/schema.json`, import.meta.url))
}
