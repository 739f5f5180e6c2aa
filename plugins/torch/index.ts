import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { executableBackend } from '../../src/backend/executable.ts'
import { launch, type Program } from '../../src/backend/launch.ts'
import { EtlError } from '../../src/core/errors.ts'
import type { BenchResult, TrainEvent } from '../../src/core/train-events.ts'
import type { TrainJob } from '../../src/core/train-job.ts'
import { defineBackend, type TrainerBackend } from '../../src/core/trainer.ts'
import { findPython, PACKAGE_FOLDER, SETUP } from './python.ts'
import { brokenRules } from './rules.ts'

const options = z.strictObject({
  chunkTokens: z
    .int()
    .min(1)
    .default(4096)
    .describe('Number of positions whose logits are in memory at the same time.'),
  recompute: z
    .union([z.boolean(), z.literal('selective')])
    .default(false)
    .describe(
      'Saves memory: keeps only the input of each layer and recomputes the rest; ' +
        '`selective` also keeps matrix products and attention.',
    ),
  prefetchBlocks: z
    .int()
    .min(0)
    .default(0)
    .describe('Layers whose parameters are gathered ahead with `fsdp`; 0 leaves it to PyTorch.'),
  asyncCheckpoints: z
    .boolean()
    .default(false)
    .describe(
      'Writes checkpoints while training goes on, from a copy in main memory; not in a pipeline.',
    ),
  attention: z
    .enum(['auto', 'cudnn', 'flash'])
    .default('auto')
    .describe('Attention kernels on a GPU.'),
  threads: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'CPU threads per process; 0 means `OMP_NUM_THREADS`, or an equal share of all cores.',
    ),
  collectiveTimeoutSeconds: z
    .int()
    .min(1)
    .default(600)
    .describe('Seconds after which a silent process counts as lost.'),
  python: z
    .string()
    .optional()
    .describe('Python with PyTorch; if omitted, the one that `etl setup torch` installs.'),
})

/** Trains neural models with PyTorch, on CUDA devices or on the CPU. */
export const torch = defineBackend({
  name: 'torch',
  version: 1,
  summary: 'A Llama trained with PyTorch: one device, DDP, FSDP2, tensor and pipeline parallel.',
  family: 'neural',
  aliases: ['cuda', 'cpu'],
  runtime: [
    'chunkTokens',
    'recompute',
    'prefetchBlocks',
    'asyncCheckpoints',
    'attention',
    'threads',
    'collectiveTimeoutSeconds',
    'python',
  ],
  options,
  example: {},
  check: brokenRules,
  create: async (given) => {
    const python = await findPython(given.python)
    return torchBackend(python)
  },
})

/** A backend that runs the Python package as a program that speaks the training protocol. */
function torchBackend(python: string | undefined): TrainerBackend {
  const program: Program = {
    command: [python ?? 'python3', '-m', 'cosmos_torch'],
    env: {
      PYTHONPATH: PACKAGE_FOLDER,
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      // The ranks exit when this process ends, even after SIGKILL.
      ETL_PARENT_PID: String(process.pid),
    },
  }
  const backend = executableBackend(program)
  /**
   * Runs a task on all ranks with the given job. The job in the run folder is not used, because its
   * number of processes may differ.
   */
  async function* together(
    task: 'train' | 'bench',
    job: TrainJob,
    signal: AbortSignal,
  ): AsyncIterable<TrainEvent> {
    const folder = await mkdtemp(join(tmpdir(), 'cosmos-torch-'))
    try {
      const file = join(folder, 'job.json')
      await writeFile(file, JSON.stringify(job))
      yield* launch(program, {
        task,
        job: file,
        ranks: job.parallel.ranks,
        logs: join(job.run, 'logs'),
        signal,
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return {
    ...backend,
    async probe() {
      const readiness = await backend.probe()
      // A program that does not even respond means that Python is missing or broken.
      const answered = Object.keys(readiness.versions).length > 0
      return answered
        ? readiness
        : { ...readiness, missing: readiness.missing.map(({ what }) => ({ what, how: SETUP })) }
    },
    train: (job, signal) => together('train', job, signal),
    async bench(job, signal) {
      let result: BenchResult | undefined
      for await (const event of together('bench', job, signal))
        if (event.type === 'bench') result = event
      if (!result)
        throw new EtlError('backend-failed', {
          where: job.run,
          what: 'the benchmark ended without a result',
        })
      return result
    },
    nodeCommand({ name, run, parallel }, nodes) {
      const torchrun = python?.includes('/')
        ? shellWord(join(dirname(python), 'torchrun'))
        : 'torchrun'
      const each = `--nnodes ${nodes} --nproc-per-node ${parallel.ranks / nodes}`
      const meeting = `--rdzv-id ${name} --rdzv-backend c10d --rdzv-endpoint FIRST_NODE:29500`
      const task = `-m cosmos_torch train --job ${shellWord(join(run, 'job.json'))}`
      return `PYTHONPATH=${shellWord(PACKAGE_FOLDER)} ${torchrun} ${each} ${meeting} ${task}`
    },
  }
}

const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
