/** What a command does: gets its arguments and options, returns the exit code. */
export interface CommandModule {
  run(
    args: readonly (string | undefined)[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<number>
}

/** A command as `main.ts` registers it. */
export interface CommandSpec {
  /** Name and arguments, as commander writes them. */
  readonly usage: string
  readonly summary: string
  readonly options: readonly {
    readonly flags: string
    readonly help: string
    readonly fallback?: string
  }[]
  readonly hidden?: boolean
  load(): Promise<CommandModule>
}

const json = {
  flags: '--json',
  help: 'machine-readable output: one JSON value, or one a line for streams',
}
const workers = { flags: '--workers <n>', help: 'worker processes (default: all cores)' }

/** Every command, in the order help shows them. */
export const commands: readonly CommandSpec[] = [
  {
    usage: 'run <manifest>',
    summary: 'build the corpus a manifest describes, or go on building it',
    options: [workers, json],
    load: () => import('./corpus/run.ts'),
  },
  {
    usage: 'check <manifest>',
    summary: 'report everything that is wrong with a manifest, reading no input',
    options: [json],
    load: () => import('./corpus/check.ts'),
  },
  {
    usage: 'plan <manifest>',
    summary: 'show what a run would read',
    options: [json],
    load: () => import('./corpus/plan.ts'),
  },
  {
    usage: 'list [name]',
    summary: 'list connectors, filters and backends, or show one with all its options',
    options: [json],
    load: () => import('./corpus/list.ts'),
  },
  {
    usage: 'explain <id>',
    summary: 'tell the whole story of a document',
    options: [{ flags: '--corpus <folder>', help: 'corpus folder', fallback: 'corpus' }, json],
    load: () => import('./corpus/explain.ts'),
  },
  {
    usage: 'inspect [corpus]',
    summary: 'page through published and removed documents',
    options: [
      { flags: '--source <name>', help: 'only this source' },
      { flags: '--split <name>', help: 'train, eval, test or dropped' },
      { flags: '--filter <name>', help: 'only documents removed by this filter' },
      { flags: '--reason <reason>', help: 'only documents removed for this reason' },
      { flags: '--lang <code>', help: 'only this language' },
      { flags: '--limit <n>', help: 'documents to show', fallback: '10' },
      { flags: '--skip <n>', help: 'documents to pass over first', fallback: '0' },
      { flags: '--full', help: 'whole texts instead of their beginnings' },
      json,
    ],
    load: () => import('./corpus/inspect.ts'),
  },
  {
    usage: 'refilter <manifest>',
    summary: 'apply changed thresholds to what was read before, without reading the sources',
    options: [workers, json],
    load: () => import('./corpus/refilter.ts'),
  },
  {
    usage: 'report [corpus]',
    summary: 'write report.html and the dataset card of a corpus again',
    options: [json],
    load: () => import('./corpus/report.ts'),
  },
  {
    usage: 'init [manifest]',
    summary: 'write a manifest to start from',
    options: [
      { flags: '--source <connector>', help: 'kind of source to begin with', fallback: 'jsonl' },
      json,
    ],
    load: () => import('./corpus/init.ts'),
  },
  {
    usage: 'doctor',
    summary: 'look at this machine: what is here, what is missing, what for',
    options: [json],
    load: () => import('./machine/doctor.ts'),
  },
  {
    usage: 'docs [checkout]',
    summary: 'write the generated reference of this repository',
    options: [{ flags: '--check', help: 'write nothing, fail if something is out of date' }],
    hidden: true,
    load: () => import('./machine/docs.ts'),
  },
  {
    usage: 'tokenize [corpus]',
    summary: 'learn a vocabulary from a corpus and write its token shards',
    options: [
      { flags: '--name <name>', help: 'folder below tokens/', fallback: 'bpe' },
      {
        flags: '--tokenizer <path>',
        help: 'use this .model, tokenizer.json or folder instead of learning',
      },
      {
        flags: '--vocabulary <n>',
        help: 'ids to learn (default: by the size of the corpus, at most 64,000)',
      },
      {
        flags: '--format <format>',
        help: 'write the tokens also for another trainer: megatron or llmc',
      },
      { flags: '--python <path>', help: 'learn with SentencePiece in this Python' },
      workers,
      json,
    ],
    load: () => import('./training/tokenize.ts'),
  },
  {
    usage: 'train [manifest]',
    summary: 'train a model on a corpus, or go on training it',
    options: [
      {
        flags: '--corpus <folder...>',
        help: 'corpus folders (default: those of the manifest, or the newest here)',
      },
      {
        flags: '--backend <name>',
        help: 'ngram, cpu, cuda or a program (default: cuda where there is one, else ngram)',
      },
      { flags: '--preset <name>', help: 'model size (default: by memory and data)' },
      {
        flags: '--tokens <n>',
        help: 'tokens to train on (default: every one once; tiny repeats a small corpus)',
      },
      { flags: '--name <name>', help: 'name of the run' },
      { flags: '--runs <folder>', help: 'folder of all runs', fallback: 'runs' },
      { flags: '--plan', help: 'print what the run would take, and stop' },
      {
        flags: '--bench',
        help: 'measure the speed of its steps on random tokens, and stop; needs no corpus',
      },
      json,
    ],
    load: () => import('./training/train.ts'),
  },
  {
    usage: 'generate [prompt]',
    summary: 'continue a text with the model of a run',
    options: [
      { flags: '--run <folder>', help: 'folder of the run (default: the newest in runs)' },
      { flags: '--checkpoint <name>', help: 'checkpoint', fallback: 'latest' },
      { flags: '--tokens <n>', help: 'longest continuation', fallback: '128' },
      { flags: '--temperature <t>', help: '0: always the likeliest token', fallback: '0.8' },
      { flags: '--top-p <p>', help: 'share of probability that is drawn from', fallback: '0.95' },
      { flags: '--top-k <k>', help: 'number of tokens that is drawn from; 0: all', fallback: '0' },
      { flags: '--seed <n>', help: 'same seed, same text', fallback: '1' },
    ],
    load: () => import('./training/generate.ts'),
  },
  {
    usage: 'export [folder]',
    summary: 'write the model of a run as a Hugging Face folder',
    options: [
      { flags: '--run <folder>', help: 'folder of the run (default: the newest in runs)' },
      { flags: '--checkpoint <name>', help: 'checkpoint', fallback: 'latest' },
      json,
    ],
    load: () => import('./training/export.ts'),
  },
  {
    usage: 'chat',
    summary: 'talk to the model of a run, line by line',
    options: [
      { flags: '--run <folder>', help: 'folder of the run (default: the newest in runs)' },
      { flags: '--tokens <n>', help: 'longest answer', fallback: '256' },
      { flags: '--temperature <t>', help: '0: always the likeliest token', fallback: '0.8' },
    ],
    load: () => import('./training/chat.ts'),
  },
  {
    usage: 'worker',
    summary: 'serve a parent process',
    options: [],
    hidden: true,
    load: () => import('./machine/worker.ts'),
  },
]
