import { readdir } from 'node:fs/promises'
import { isCorpus } from './corpus/newest.ts'

/** Names that are shown of what is there. */
const SHOWN = 3

/**
 * Why a folder cannot be the output of a run: it holds files, and is neither a corpus nor the work
 * of a run that was interrupted. Publishing would replace files of the same names and remove others
 * in folders such as `train`. Undefined if nothing of anybody else's can be lost.
 */
export async function outputProblem(output: string): Promise<string | undefined> {
  const names = await readdir(output).catch((): string[] => [])
  if (names.length === 0 || names.includes('.work') || (await isCorpus(output))) return undefined
  const rest = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `holds other files (${names.sort().slice(0, SHOWN).join(', ')}${rest}) and no corpus`
}
