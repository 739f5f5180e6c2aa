interface CodeFacts {
  /** When it happens, in one sentence; printed in docs/errors.md. */
  readonly meaning: string
  /** What to do, in one sentence; an error may carry a more specific hint of its own. */
  readonly hint: string
  readonly retryable: boolean
}

const code = (meaning: string, hint: string, retryable = false): CodeFacts => ({
  meaning,
  hint,
  retryable,
})

/**
 * Every code an `EtlError` can have. docs/errors.md is generated from this table; a test compares
 * the two.
 */
export const ERROR_CODES = {
  usage: code(
    'A command was given an argument it cannot use.',
    '`etl <command> --help` shows what it takes.',
  ),
  'manifest-invalid': code(
    'The manifest has unknown keys, missing options or values out of range.',
    'Correct the listed places; `etl list` shows every option of every component.',
  ),
  'manifest-unreadable': code(
    'The manifest file is missing or not JSON.',
    'Give the path of a JSON manifest, for example manifests/corpus.json; `etl init` writes one.',
  ),
  'component-unknown': code(
    'A connector, filter or backend of this name does not exist.',
    '`etl list` prints the names that exist.',
  ),
  'input-missing': code(
    'An input path or pattern matches no file.',
    'Check the path; relative paths start at the manifest, not at the current folder.',
  ),
  'input-unreadable': code(
    'An input file exists but cannot be opened or read.',
    'Check the permissions of the file and of the folders above it.',
    true,
  ),
  'input-corrupt': code(
    'An input file is truncated or damaged; what could be read was kept.',
    'Download the file again and compare its checksum with the publisher’s.',
  ),
  'input-unsupported': code(
    'An input file has a format or compression that cannot be read here.',
    'Convert the file, or install the program that the message names.',
  ),
  'output-unwritable': code(
    'The output folder cannot be written.',
    'Choose another `output`, free space or change the permissions.',
  ),
  'output-foreign': code(
    'The output folder holds files that no run made.',
    'Give `output` a folder of its own, which is new or empty.',
  ),
  'output-locked': code(
    'Another run is using this output folder.',
    'Wait for it or stop it; a lock left by a dead process is taken over automatically.',
  ),
  'corpus-missing': code(
    'The folder holds no published corpus.',
    'Give a folder that `etl run` has finished, the one with corpus.json in it.',
  ),
  'corpus-invalid': code(
    'A file of a published corpus is missing, damaged or of another version.',
    'Run `etl run` again: intact files are kept and the rest is rebuilt.',
  ),
  'document-unknown': code(
    'No document of this id was ever read.',
    'Ids look like `<source>:<key>`; `etl inspect` lists them.',
  ),
  'worker-crashed': code(
    'A worker process died several times at the same place.',
    'Look at the item named here; less memory per worker or fewer workers may help.',
    true,
  ),
  'kernel-unavailable': code(
    'The WebAssembly kernels or the model file they need are missing.',
    'Run `npm run build`, or reinstall the package.',
  ),
  'strict-failure': code(
    'The run finished, but `strict` is set and there were alarms or damaged inputs.',
    'Look at report.html; fix what it names, or leave out `strict`.',
  ),
  'memory-insufficient': code(
    'The memory option is too low for a deduplicating process or for the benchmarks’ n-grams.',
    'Raise the memory option of the manifest to the amount named here, or use fewer workers.',
  ),
  'tokenizer-unsupported': code(
    'A tokenizer file is damaged, or its kind cannot restore text exactly.',
    'Use a SentencePiece BPE model with byte fallback and identity normalisation, ' +
      'or let `etl tokenize` learn one.',
  ),
  'tokens-missing': code(
    'The corpus has not been tokenized, or not with this tokenizer.',
    'Run `etl tokenize` on the corpus folder first.',
  ),
  'tokens-invalid': code(
    'A file of the token shards is missing, damaged or of another version.',
    'Run `etl tokenize` again: intact files are kept and the rest is rebuilt.',
  ),
  'job-invalid': code(
    'The training manifest or job file is invalid or asks for something impossible.',
    'Correct the listed places; docs/training.md describes every key.',
  ),
  'run-missing': code(
    'There is no training run of this name, or it has no finished checkpoint.',
    'List the folder `runs`, or train first with `etl train`.',
  ),
  'setup-failed': code(
    'A part could not be set up, or does not work.',
    'Do what the message says, then run the same `etl setup` again.',
  ),
  'backend-unready': code(
    'The training backend cannot run on this machine: something is missing.',
    'Install what the message names, or choose another backend; `--backend ngram` needs nothing.',
  ),
  'backend-failed': code(
    'The training backend stopped with an error.',
    'The last lines of its log are in the logs folder of the run.',
  ),
  'backend-memory': code(
    'Training ran out of memory.',
    'Use a smaller preset, a smaller micro-batch or fewer tokens.',
  ),
  'loss-not-finite': code(
    'The loss is no longer a number: training has diverged.',
    'Return to an earlier checkpoint, with a lower learning rate or a longer warm-up.',
  ),
  'backend-lost': code(
    'The training backend died or fell silent.',
    'Run the same command again: training resumes from the last checkpoint.',
    true,
  ),
  'backend-protocol': code(
    'The training backend speaks another version of the protocol, or none.',
    'Install versions of backend and etl that belong together.',
  ),
  'data-mismatch': code(
    'The data is not what the training run or its checkpoint was made for.',
    'Start a new run with another name, or restore the old data.',
  ),
  'contamination-above-limit': code(
    'The run finished, but more documents than allowed overlap with a benchmark.',
    'Look at the contamination table in report.html; let less through, ' +
      'or raise `decontaminate.limits`.',
  ),
  interrupted: code(
    'The run was stopped on request; everything finished is saved.',
    'Run the same command again to resume.',
    true,
  ),
} as const satisfies Record<string, CodeFacts>

/** A key of `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES
