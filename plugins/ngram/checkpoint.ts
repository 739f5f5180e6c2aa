import { join } from 'node:path'
import { completeCheckpoints } from '../../src/backend/checkpoints.ts'
import { EtlError } from '../../src/core/errors.ts'
import type { Storage } from '../../src/core/storage.ts'
import { countArrays, countsIn, type SortedCounts } from '../../src/ngram/counts.ts'
import { decodeTensors, encodeTensors } from '../../src/ngram/safetensors.ts'

/** The progress of counting, stored in a checkpoint next to the counts. */
export interface DataState {
  readonly jobHash: string
  readonly step: number
  readonly tokens: number
  /** Documents counted in the current pass, per component of the mixture. */
  readonly documents: readonly number[]
}

/** A checkpoint: the counts and how far counting has come. */
export interface Checkpoint {
  readonly state: DataState
  readonly counts: readonly SortedCounts[]
}

const encoder = new TextEncoder()

/** Folder name of the checkpoint of a step. */
export const checkpointName = (step: number): string => `step-${String(step).padStart(10, '0')}`

/**
 * Writes `checkpoints/<step>/`: the counts as safetensors, the data state, and last the marker
 * `COMPLETE`. Then points `latest` at it. Returns the size of the counts in bytes.
 */
export async function writeCheckpoint(
  storage: Storage,
  run: string,
  { state, counts }: Checkpoint,
): Promise<number> {
  const name = checkpointName(state.step)
  const folder = join(run, 'checkpoints', name)
  const parts = encodeTensors({ arrays: countArrays(counts), metadata: {} })
  await writeFile(storage, join(folder, 'model.safetensors'), parts)
  await writeFile(storage, join(folder, 'data_state.json'), [
    encoder.encode(`${JSON.stringify(state, undefined, 2)}\n`),
  ])
  await writeFile(storage, join(folder, 'COMPLETE'), [])
  await writeFile(storage, join(run, 'latest'), [encoder.encode(`checkpoints/${name}\n`)])
  return parts.reduce((sum, part) => sum + part.length, 0)
}

/** Removes all complete checkpoints except the newest `keep`. */
export async function pruneCheckpoints(storage: Storage, run: string, keep: number): Promise<void> {
  const names = completeCheckpoints(run)
  for (const name of names.slice(0, -keep)) await storage.remove(join(run, 'checkpoints', name))
}

/**
 * Reads a checkpoint by name, or the newest complete one for `latest`. Throws `run-missing` if
 * there is none and `data-mismatch` if it is unreadable.
 */
export async function readCheckpoint(
  storage: Storage,
  run: string,
  wanted: string,
): Promise<Checkpoint> {
  const complete = completeCheckpoints(run)
  const name = wanted === 'latest' ? complete.at(-1) : complete.find((one) => one === wanted)
  if (name === undefined) {
    throw new EtlError('run-missing', {
      where: run,
      what: `no complete checkpoint${wanted === 'latest' ? '' : ` ${wanted}`}`,
    })
  }
  const folder = join(run, 'checkpoints', name)
  const path = join(folder, 'model.safetensors')
  try {
    const state = JSON.parse(
      new TextDecoder().decode(await readFile(storage, join(folder, 'data_state.json'))),
    ) as DataState
    return { state, counts: countsIn(decodeTensors(await readFile(storage, path)).arrays) }
  } catch (cause) {
    throw new EtlError('data-mismatch', {
      where: path,
      what: 'the checkpoint cannot be read',
      cause,
    })
  }
}

async function writeFile(
  storage: Storage,
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const file = await storage.create(path)
  try {
    for (const part of parts) await file.write(part)
    await file.commit()
  } finally {
    await file.abort()
  }
}

async function readFile(storage: Storage, path: string): Promise<Uint8Array> {
  const handle = await storage.open(path)
  try {
    return await handle.read(0, handle.size)
  } finally {
    await handle.close()
  }
}
