import { relative, resolve } from 'node:path'
import { findCorpus, findRun } from '../../index.ts'
import { paint } from '../terminal/terminal.ts'

/** The corpus here that was used last, which is said on standard error. */
export async function latestCorpus(): Promise<string> {
  return chosen('corpus', await findCorpus('.'))
}

/** The run in `runs` that trained last, which is said on standard error. */
export async function latestRun(runs: string): Promise<string> {
  return chosen('run', await findRun(runs))
}

function chosen(what: string, folder: string): string {
  const name = relative(process.cwd(), resolve(folder)) || '.'
  process.stderr.write(`${paint('cyan', what)}   ${name}, the one used last\n`)
  return folder
}
