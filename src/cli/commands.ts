/**
 * The implementation of a command. `run` gets the arguments and options and returns the exit code.
 */
export interface CommandModule {
  run(
    args: readonly (string | undefined)[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<number>
}

/** A command as program.ts registers it. Its implementation is loaded when it is called. */
export interface CommandSpec {
  /** Name and arguments in commander's syntax. */
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
  help: 'print JSON: one value, or one per line for streams',
}
const workers = { flags: '--workers <n>', help: 'number of workers (default: one per core)' }

const temperature = {
  flags: '--temperature <t>',
  help: 'randomness of the choice; 0 always takes the likeliest token',
  fallback: '0.8',
}
const runFolder = {
  flags: '--run <folder>',
  help: 'folder of the run (default: the newest one in runs)',
}
const checkpoint = {
  flags: '--checkpoint <name>',
  help: 'name of the checkpoint',
  fallback: 'latest',
}

/** Every command, in the order of the help. */
export const commands: readonly CommandSpec[] = [
  {
    usage: 'run <manifest>',
    summary: 'build the corpus that a manifest describes, or resume building it',
    options: [workers, json],
    load: () => import('./corpus/run.ts'),
  },
  {
    usage: 'check <manifest>',
    summary: 'report everything wrong with a manifest, without reading its inputs',
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
    summary: 'list connectors, filters and backends, or show one with its options',
    options: [json],
    load: () => import('./corpus/list.ts'),
  },
  {
    usage: 'explain <id>',
    summary: 'show what became of a document, with everything that was measured',
    options: [
      { flags: '--corpus <folder>', help: 'folder of the corpus', fallback: 'corpus' },
      json,
    ],
    load: () => import('./corpus/explain.ts'),
  },
  {
    usage: 'try <filter> [file]',
    summary: 'show what a filter measures and decides on a text (file, or - for standard input)',
    options: [
      { flags: '--options <json>', help: 'options of the filter, as in a manifest' },
      { flags: '--row <n>', help: 'only the document in this line of a .jsonl file' },
      { flags: '--manifest <file>', help: 'take the options from this manifest' },
      { flags: '--kind <kind>', help: 'prose, code or mixed', fallback: 'prose' },
      { flags: '--lang <code>', help: 'language that the source declares' },
      { flags: '--url <url>', help: 'address that the source declares' },
      { flags: '--license <license>', help: 'licence that the source declares' },
      { flags: '--report', help: 'print Markdown to paste into a report of a wrong verdict' },
      json,
    ],
    load: () => import('./corpus/try.ts'),
  },
  {
    usage: 'inspect [corpus]',
    summary: 'page through published and removed documents',
    options: [
      { flags: '--source <name>', help: 'only documents of this source' },
      { flags: '--split <name>', help: 'only this split: train, eval, test or dropped' },
      { flags: '--filter <name>', help: 'only documents removed by this filter' },
      { flags: '--reason <reason>', help: 'only documents removed for this reason' },
      { flags: '--lang <code>', help: 'only documents in this language' },
      { flags: '--limit <n>', help: 'number of documents to show', fallback: '10' },
      { flags: '--skip <n>', help: 'number of documents to skip first', fallback: '0' },
      { flags: '--full', help: 'show whole texts instead of excerpts' },
      json,
    ],
    load: () => import('./corpus/inspect.ts'),
  },
  {
    usage: 'refilter <manifest>',
    summary: 'apply changed thresholds to a corpus without reading its sources again',
    options: [workers, json],
    load: () => import('./corpus/refilter.ts'),
  },
  {
    usage: 'report [corpus]',
    summary: 'write the report and the dataset card of a corpus again',
    options: [json],
    load: () => import('./corpus/report.ts'),
  },
  {
    usage: 'perplexity-model [corpus]',
    summary: 'count the n-grams of a corpus for the filter perplexity',
    options: [
      { flags: '--out <file>', help: 'model file to write', fallback: 'perplexity.safetensors' },
      { flags: '--languages <codes>', help: 'languages to model', fallback: 'ar,en' },
      {
        flags: '--megabytes <n>',
        help: 'text to count for each language; more is sampled',
        fallback: '32',
      },
      json,
    ],
    load: () => import('./corpus/perplexity-model.ts'),
  },
  {
    usage: 'init [manifest]',
    summary: 'write a manifest to start from',
    options: [
      { flags: '--source <connector>', help: 'connector of its first source', fallback: 'jsonl' },
      json,
    ],
    load: () => import('./corpus/init.ts'),
  },
  {
    usage: 'doctor',
    summary: 'check this machine: what is installed, what is missing, what it is for',
    options: [json],
    load: () => import('./machine/doctor.ts'),
  },
  {
    usage: 'setup [part]',
    summary: 'set up a heavy part, such as PyTorch, or list the parts and their state',
    options: [
      { flags: '--cpu', help: 'try the smaller build for CPUs first' },
      { flags: '--tests', help: 'also what the tests of this project need' },
      json,
    ],
    load: () => import('./machine/setup.ts'),
  },
  {
    usage: 'docs [checkout]',
    summary: 'write the generated reference of this repository',
    options: [{ flags: '--check', help: 'write nothing; fail if a file is out of date' }],
    hidden: true,
    load: () => import('./machine/docs.ts'),
  },
  {
    usage: 'tokenize [corpus]',
    summary: 'learn a vocabulary from a corpus and write the corpus as token shards',
    options: [
      { flags: '--name <name>', help: 'name of the folder below tokens/', fallback: 'bpe' },
      {
        flags: '--tokenizer <path>',
        help: 'use this .model, tokenizer.json or folder instead of learning a vocabulary',
      },
      {
        flags: '--vocabulary <n>',
        help: 'size of the vocabulary to learn (default: by size of the corpus, at most 64,000)',
      },
      {
        flags: '--format <format>',
        help: 'also write the tokens for another trainer: megatron or llmc',
      },
      { flags: '--python <path>', help: 'learn the vocabulary with SentencePiece in this Python' },
      workers,
      json,
    ],
    load: () => import('./training/tokenize.ts'),
  },
  {
    usage: 'train [manifest-or-run]',
    summary: 'train a model on a corpus, or resume training it',
    options: [
      {
        flags: '--corpus <folder...>',
        help: 'folders of corpora (default: those of the manifest, or the newest one here)',
      },
      {
        flags: '--backend <name>',
        help: 'ngram, cpu, cuda or a program (default: cuda if available, else ngram)',
      },
      { flags: '--preset <name>', help: 'size of the model (default: chosen by memory and data)' },
      {
        flags: '--tokens <n>',
        help: 'tokens to train on (default: each one once; the preset tiny repeats a small corpus)',
      },
      { flags: '--name <name>', help: 'name of the run' },
      {
        flags: '--fork <name>',
        help: 'a new run of this name that continues from a checkpoint of the run',
      },
      { flags: '--checkpoint <name>', help: 'the checkpoint a fork starts from; the newest' },
      { flags: '--runs <folder>', help: 'folder that holds all runs', fallback: 'runs' },
      { flags: '--plan', help: 'print what the run would take, then exit' },
      {
        flags: '--vocabulary <n>',
        help: 'with --plan: so many ids instead of the vocabulary of a corpus',
      },
      { flags: '--rate <dollars>', help: 'with --plan: what an hour of a device costs' },
      { flags: '--stop', help: 'ask the run that is training to save and stop' },
      { flags: '--save', help: 'ask the run that is training to save' },
      { flags: '--evaluate', help: 'ask the run that is training to evaluate' },
      {
        flags: '--bench',
        help: 'measure the speed of training steps on random tokens, then exit; needs no corpus',
      },
      json,
    ],
    load: () => import('./training/train.ts'),
  },
  {
    usage: 'eval [run]',
    summary: 'score held-out text with a checkpoint of a run; the result is kept in the run',
    options: [
      { flags: '--checkpoint <name>', help: 'folder in checkpoints/', fallback: 'latest' },
      { flags: '--slices <name...>', help: 'only these slices: ar, en, code, other' },
      { flags: '--tokens <n>', help: 'so many tokens of each slice, instead of the job’s' },
      json,
    ],
    load: () => import('./training/eval.ts'),
  },
  {
    usage: 'generate [prompt]',
    summary: 'continue a text with the model of a training run',
    options: [
      runFolder,
      checkpoint,
      { flags: '--tokens <n>', help: 'most tokens to generate', fallback: '128' },
      temperature,
      {
        flags: '--top-p <p>',
        help: 'draw from the likeliest tokens with this share of the probability',
        fallback: '0.95',
      },
      {
        flags: '--top-k <k>',
        help: 'draw from this many of the likeliest tokens; 0 for all',
        fallback: '0',
      },
      { flags: '--seed <n>', help: 'random seed: the same seed, the same text', fallback: '1' },
    ],
    load: () => import('./training/generate.ts'),
  },
  {
    usage: 'export [folder]',
    summary: 'write the model of a training run in Hugging Face format',
    options: [runFolder, checkpoint, json],
    load: () => import('./training/export.ts'),
  },
  {
    usage: 'chat',
    summary: 'talk to the model of a training run, line by line',
    options: [
      runFolder,
      { flags: '--tokens <n>', help: 'most tokens per answer', fallback: '256' },
      temperature,
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
