import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { completeCheckpoints } from '../backend/checkpoints.ts'
import { EtlError } from '../core/errors.ts'
import { trainResultSchema } from '../core/train-events.ts'
import { type TrainJob, trainJobSchema } from '../core/train-job.ts'
import { replaceFile } from '../files/replace-file.ts'
import { type Difference, differences, differenceText, identityOf } from './identity.ts'
import type { TrainManifest } from './manifest.ts'
import { decayStart, forkedSchedule } from './schedule.ts'

/** The folder of a run that holds its own copy of the tokenizer. */
export const RUN_TOKENIZER = 'tokenizer'

/**
 * Reads the job of a run. Throws `run-missing` if there is none, `job-invalid` if it is damaged.
 */
export function readRun(run: string): TrainJob {
  const path = join(run, 'job.json')
  if (!existsSync(path)) throw new EtlError('run-missing', { where: run, what: 'no job.json here' })
  try {
    return trainJobSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new EtlError('job-invalid', {
      where: path,
      what: 'cut off, damaged, or of another version',
      hint: 'The same command with `--name` starts another run; remove the folder if nothing in it is needed.',
      cause,
    })
  }
}

/**
 * The data order of a run that has a checkpoint. A run goes on in the order it began with, though
 * new runs have a later one.
 */
export function orderOf(run: string): TrainJob['data']['order'] | undefined {
  return completeCheckpoints(run).length > 0 ? readKnown(run)?.data.order : undefined
}

/**
 * Writes the job of a run, or goes on with the one that is there. Returns the job to carry out: it
 * has the hash that the checkpoints of the run were written with. A run without a checkpoint takes
 * another job. Throws `data-mismatch`, with every difference, if the job there has checkpoints and
 * computes something else. `runtime` names the options that change no result.
 */
export async function settleJob(job: TrainJob, runtime: readonly string[]): Promise<TrainJob> {
  mkdirSync(join(job.run, 'logs'), { recursive: true })
  const known = readKnown(job.run)
  const found = known && differences(identityOf(known, runtime), identityOf(job, runtime))
  if (known && found && found.length > 0) {
    const done = completeCheckpoints(job.run)
    if (done.length > 0) throw anotherJob(job, found, done.at(-1) ?? '')
    // Nothing was kept of what the other job did, and its events would be taken for this one's.
    for (const name of ['events.jsonl', 'result.json']) rmSync(join(job.run, name), { force: true })
  }
  const settled = known && found?.length === 0 ? { ...job, hash: known.hash } : job
  replaceFile(join(job.run, 'job.json'), `${JSON.stringify(settled, undefined, 2)}\n`)
  await keepTokenizer(settled)
  return settled
}

/** The job in a run folder. One that cannot be read counts as none while there is no checkpoint. */
function readKnown(run: string): TrainJob | undefined {
  if (!existsSync(join(run, 'job.json'))) return undefined
  try {
    return readRun(run)
  } catch (error) {
    if (completeCheckpoints(run).length > 0) throw error
    return undefined
  }
}

function anotherJob(
  { run, name }: TrainJob,
  found: readonly Difference[],
  checkpoint: string,
): EtlError {
  const forks = found.some(({ shape }) => shape)
    ? '`--name <another>` starts another run.'
    : `\`--fork <another name>\` continues from ${checkpoint} with the new values; ` +
      '`--name <another name>` starts anew.'
  return new EtlError('data-mismatch', {
    where: run,
    what: `the run ${name} was started with another job: ${differenceText(found)}`,
    hint: `\`etl train ${run}\` goes on with the job as it was. ${forks}`,
  })
}

/**
 * Throws `data-mismatch` if a run in `runs` that has not finished was started on the token shards
 * of a corpus with this fingerprint: it could never go on without them.
 */
export function refuseIfNeeded(runs: string, corpus: string, fingerprint: string): void {
  const names = existsSync(runs) && statSync(runs).isDirectory() ? readdirSync(runs) : []
  const open = names
    .map((name) => join(runs, name))
    .filter((run) => completeCheckpoints(run).length > 0 && !isFinished(run))
  const user = open.find((run) =>
    readKnown(run)?.data.corpora.some((one) => one.fingerprint === fingerprint),
  )
  if (user === undefined) return
  throw new EtlError('data-mismatch', {
    where: corpus,
    what: `the corpus has changed since it was tokenized, and ${user} still needs those tokens`,
    hint:
      `\`etl train ${user}\` finishes that run; or give the new tokens a name of their own: ` +
      '`etl tokenize --name <name>`, and `"tokenizer": "<name>"` in the training manifest.',
  })
}

function isFinished(run: string): boolean {
  try {
    const result: unknown = JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))
    return trainResultSchema.parse(result).exitCode === 0
  } catch {
    return false
  }
}

/** Copies the tokenizer into the run, so that its model can be used whatever happens to it. */
async function keepTokenizer({ run, data }: TrainJob): Promise<void> {
  const kept = join(run, RUN_TOKENIZER)
  if (existsSync(kept)) return
  const draft = `${kept}.tmp`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft)
  for (const file of ['tokenizer.model', 'tokenizer.json']) {
    const from = join(data.tokenizer.path, file)
    if (existsSync(from)) await cp(from, join(draft, file))
  }
  renameSync(draft, kept)
}

/**
 * A job that continues from a checkpoint of another run, under its own name. The data goes on from
 * where the checkpoint is if nothing of its order changes; otherwise it is a pass of its own, in
 * another order and with a schedule of its own. Throws `run-missing` without a checkpoint, and
 * `job-invalid` for another model, tokenizer, optimizer or program.
 */
export function forkOf(
  job: TrainJob,
  from: {
    readonly name: string
    readonly checkpoint: string | undefined
    readonly rewarm?: TrainManifest['rewarm']
  },
  runtime: readonly string[],
): TrainJob {
  const source = readRun(job.run)
  const done = completeCheckpoints(job.run)
  const found = differences(identityOf(source, runtime), identityOf(job, runtime))
  const continues = !from.rewarm && !found.some(({ data }) => data)
  // With more tokens, a decayed model would first have to leave its minimum again.
  const stable = done.filter((name) => stepOf(name) <= decayStart(source.schedule))
  const checkpoint = from.checkpoint ?? (continues ? done : stable).at(-1) ?? done.at(-1)
  if (checkpoint === undefined || !done.includes(checkpoint)) {
    const wanted = checkpoint === undefined ? '' : ` ${checkpoint}`
    const names = done.length > 0 ? `; there are ${done.join(', ')}` : ''
    throw new EtlError('run-missing', {
      where: job.run,
      what: `no complete checkpoint${wanted}${names}`,
    })
  }
  const shapes = found.filter(({ shape }) => shape)
  if (shapes.length > 0) {
    throw new EtlError('job-invalid', {
      where: `--fork ${from.name}`,
      what: `the checkpoint is of another model: ${differenceText(shapes)}`,
      hint: 'Start a new run with --name.',
    })
  }
  const step = stepOf(checkpoint)
  const { schedule } = source
  return {
    ...job,
    schedule: continues
      ? job.schedule
      : forkedSchedule(job.schedule, { schedule, step }, from.rewarm),
    name: from.name,
    run: join(job.run, '..', from.name),
    seed: continues || job.seed !== source.seed ? job.seed : job.seed + 1,
    start: { run: job.run, checkpoint, hash: source.hash, continues },
  }
}

const stepOf = (checkpoint: string): number => Number(checkpoint.replace('step-', ''))
