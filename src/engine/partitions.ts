import { join } from 'node:path'
import type { Partition } from '../core/connector.ts'
import type { Json } from '../core/document.ts'
import { EtlError, isEtlError } from '../core/errors.ts'
import type { Storage } from '../core/storage.ts'
import { contaminationInputs } from './contamination/benchmarks.ts'
import { openBases } from './corpus/base-corpus.ts'
import { outputProblem } from './output.ts'
import type { Validation } from './plan/check.ts'
import { openPlan } from './plan/open-plan.ts'
import { fingerprint, type Plan, type SourceRun } from './plan/plan.ts'
import type { Problem } from './plan/schema-problems.ts'
import { partitionFolder, readJson, sourceFolder, writeJson } from './segments/work-folder.ts'

/**
 * Lists the partitions of every source, by source index, and all problems with the inputs at once.
 */
export async function findPartitions(
  plan: Plan,
): Promise<{ partitions: Partition[][]; problems: Problem[] }> {
  const partitions: Partition[][] = []
  const problems: Problem[] = []
  const stamp = stampOf(plan.storage)
  for (const source of plan.sources) {
    const { path } = source
    const found: Partition[] = []
    partitions.push(found)
    try {
      for await (const partition of source.connector.partitions())
        found.push(await stamp(partition))
      if (found.length === 0)
        problems.push({ path, message: `"${source.name}" finds nothing to read` })
    } catch (error) {
      if (!isEtlError(error)) throw error
      problems.push({ path, message: error.message })
    }
  }
  return { partitions, problems }
}

/**
 * Adds a stamp to partitions: a fingerprint of the modification times of their files. An edited
 * file may be as long as before.
 */
function stampOf(storage: Storage): (partition: Partition) => Promise<Partition> {
  const known = new Map<string, number>()
  return async (partition) => {
    const paths = pathsIn(partition.spec)
    for (const path of paths)
      if (!known.has(path)) known.set(path, (await storage.stat(path))?.modified ?? 0)
    return {
      ...partition,
      stamp: fingerprint(paths.map((path) => known.get(path) ?? 0)).slice(0, 12),
    }
  }
}

/** Values named `path` in a partition's `spec`, at any depth. */
function pathsIn(value: Json): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'path' && typeof inner === 'string' ? [inner] : pathsIn(inner),
  )
}

/**
 * All problems of a manifest and of its inputs. If only some sources are valid, the inputs of those
 * are checked.
 */
export async function manifestProblems(validation: Validation): Promise<Problem[]> {
  const manifest = 'manifest' in validation ? validation.manifest : validation.readable
  const plan = manifest && (await openPlan(manifest))
  const missing = plan
    ? [
        ...(await findPartitions(plan)).problems,
        ...(await otherInputs(plan)),
        ...('manifest' in validation ? await outputProblems(plan) : []),
      ]
    : []
  return 'manifest' in validation ? missing : [...validation.problems, ...missing]
}

async function outputProblems({ manifest }: Plan): Promise<Problem[]> {
  const message = await outputProblem(manifest.output)
  return message === undefined ? [] : [{ path: 'output', message }]
}

/** Problems of the base corpora and of the benchmarks. */
async function otherInputs(plan: Plan): Promise<Problem[]> {
  const looks: [path: string, look: () => Promise<unknown>][] = [
    ['base', () => openBases(plan)],
    ['decontaminate.benchmarks', () => contaminationInputs(plan)],
  ]
  const problems: Problem[] = []
  for (const [path, look] of looks) {
    await look().catch((error: unknown) => {
      if (!isEtlError(error)) throw error
      problems.push({ path, message: error.message })
    })
  }
  return problems
}

/**
 * Lists the partitions of every source and records them in the work folder. With `withoutReading`,
 * the recorded ones are returned and no input is touched. Throws `input-missing` with all problems,
 * or `corpus-missing` if nothing was recorded.
 */
export async function listPartitions(plan: Plan, withoutReading: boolean): Promise<Partition[][]> {
  if (withoutReading)
    return Promise.all(plan.sources.map((source) => rememberedPartitions(plan, source)))
  const { partitions, problems } = await findPartitions(plan)
  if (problems.length > 0) {
    const what = problems.map(({ path, message }) => `${path}: ${message}`).join('\n')
    throw new EtlError('input-missing', { where: plan.manifest.path, what })
  }
  for (const source of plan.sources) await remember(plan, source, partitions[source.index] ?? [])
  return partitions
}

/**
 * Records the partitions and deletes the segments of inputs that have changed or disappeared since.
 */
async function remember(
  plan: Plan,
  source: SourceRun,
  partitions: readonly Partition[],
): Promise<void> {
  const path = rememberedPath(plan, source)
  const folder = sourceFolder(plan.work, source)
  const wanted = new Set(partitions.map((partition) => partitionFolder(folder, partition)))
  for (const earlier of (await readJson<Partition[]>(plan.storage, path)) ?? []) {
    const stale = partitionFolder(folder, earlier)
    if (!wanted.has(stale)) await plan.storage.remove(stale)
  }
  await writeJson(plan.storage, path, partitions)
}

async function rememberedPartitions(plan: Plan, source: SourceRun): Promise<Partition[]> {
  const partitions = await readJson<Partition[]>(plan.storage, rememberedPath(plan, source))
  if (partitions) return partitions
  throw new EtlError('corpus-missing', {
    where: source.name,
    what: 'this source was not read with these options',
    hint: 'Run `etl run`: it reads only what it has to.',
  })
}

const rememberedPath = (plan: Plan, source: SourceRun): string =>
  join(sourceFolder(plan.work, source), 'partitions.json')
