import { access, constants } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../../src/files/program.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** Folder of the Python package `cosmos_torch`, also if this file runs from dist/. */
export const PACKAGE_FOLDER = import.meta.url.endsWith('.ts')
  ? here
  : join(here, '../../../plugins/torch')

/** The command that creates the environment `findPython` looks for. */
export const SETUP = 'etl setup torch'

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/**
 * Finds the Python to use: the given one, `$ETL_PYTHON`, the environment of `etl setup torch`,
 * an activated environment, then `python3`. Does not check for PyTorch; `probe` does. Undefined if
 * none is found.
 */
export async function findPython(given?: string): Promise<string | undefined> {
  const { ETL_PYTHON, VIRTUAL_ENV } = process.env
  const wanted = given ?? ETL_PYTHON
  if (wanted !== undefined) return wanted.includes('/') ? wanted : findProgram(wanted)
  const environments = [
    join(PACKAGE_FOLDER, '.venv'),
    ...(VIRTUAL_ENV === undefined ? [] : [VIRTUAL_ENV]),
  ]
  for (const folder of environments) {
    const path = join(folder, 'bin/python')
    if (await isExecutable(path)) return path
  }
  return findProgram('python3')
}
