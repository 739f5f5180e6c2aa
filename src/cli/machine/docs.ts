import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { generatedFiles } from '../../index.ts'

/**
 * `etl docs`: writes the generated reference into a checkout. With `--check`, only prints what is
 * out of date.
 */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const root = args[0] ?? '.'
  const stale: string[] = []
  for (const [name, text] of Object.entries(await generatedFiles(root))) {
    const path = join(root, name)
    if ((await readFile(path, 'utf8').catch(() => '')) === text) continue
    stale.push(name)
    if (options.check === true) continue
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  const verb = options.check === true ? 'is out of date; run `npm run docs`' : 'written'
  for (const name of stale) process.stdout.write(`${name} ${verb}\n`)
  return options.check === true && stale.length > 0 ? 1 : 0
}
