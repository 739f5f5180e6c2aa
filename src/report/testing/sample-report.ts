import type { Example, RunReport, SourceReport, Tally } from '../../core/report.ts'

/**
 * Text that becomes markup wherever it is not escaped: tags, attribute breakouts, comments,
 * entities and placeholders.
 */
export const HOSTILE = [
  '<script>document.title = "owned"</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(2)",
  '</blockquote></details></style><style>body{display:none}</style>',
  '--> <!-- ]]> &lt;b&gt; {{y}} %s',
].join(' ')

/** Arabic prose with Latin letters and digits in it. */
export const ARABIC = 'الضوء القديم يملأ الفضاء كله منذ الانفجار العظيم (CMB)، وحرارته 2.725 كلفن.'

/** A tally of this many documents, with round sizes. */
export const tally = (documents: number): Tally => ({
  documents,
  items: documents,
  bytes: documents * 1500,
  words: documents * 210,
})

const example = (id: string, excerpt: string, lang: string): Example => ({
  id,
  excerpt,
  lang,
  values: { score: 0.9731 },
})

const hostileSource: SourceReport = {
  source: 'web',
  type: 'jsonl',
  read: 120,
  skipped: [
    {
      reason: 'malformed-row',
      items: 4,
      places: [`web.jsonl:line 3 ${HOSTILE}`, 'web.jsonl:line 9'],
    },
  ],
  dropped: [
    {
      filter: 'langid',
      reason: 'language',
      ...tally(10),
      examples: [example(`web:${HOSTILE}`, HOSTILE, HOSTILE)],
    },
    { filter: 'engine', reason: 'too-large', ...tally(1), examples: [] },
    {
      filter: 'minhash',
      reason: 'near-duplicate',
      ...tally(5),
      examples: [
        { ...example('web:7', 'twice', 'en'), values: { survivor: HOSTILE, similarity: 0.88 } },
      ],
    },
  ],
  published: { train: tally(92), eval: tally(6), test: tally(2) },
  languages: { ar: tally(60), en: tally(38), [HOSTILE]: tally(2) },
  licenses: { 'CC-BY-SA-4.0': tally(97), [HOSTILE]: tally(3) },
  kinds: { prose: tally(100), code: tally(0), mixed: tally(0) },
  measures: [
    {
      filter: 'langid',
      measure: 'score',
      description: `Probability of the language ${HOSTILE}`,
      type: 'number',
      rows: 115,
      sum: 108,
      min: 0.2,
      max: 1,
      bins: [0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 3, 6, 100],
      limits: [
        { side: 'least', at: 0.65, scope: HOSTILE },
        { side: 'most', at: 2 },
      ],
    },
    {
      filter: 'langid',
      measure: 'label',
      description: 'Most likely language',
      type: 'label',
      rows: 115,
      labels: [
        { label: 'ar', rows: 70 },
        { label: HOSTILE, rows: 45 },
      ],
    },
    {
      filter: 'pii',
      measure: 'emails',
      description: 'E-mails',
      type: 'count',
      rows: 119,
      sum: 3,
      min: 0,
      max: 2,
    },
  ],
  warnings: [`stopped early ${HOSTILE}`],
  examples: [
    example('web:1', HOSTILE, 'en'),
    example('web:2', ARABIC, 'ar'),
    example('web:3', 'unknown', ''),
  ],
}

const emptySource: SourceReport = {
  source: 'empty',
  type: 'jsonl',
  read: 0,
  skipped: [],
  dropped: [],
  published: { train: tally(0), eval: tally(0), test: tally(0) },
  languages: {},
  licenses: {},
  kinds: { prose: tally(0), code: tally(0), mixed: tally(0) },
  measures: [],
  warnings: [],
  examples: [],
}

/** A report in which everything that can come from the input is hostile. */
export const SAMPLE_REPORT: RunReport = {
  name: 'sample',
  description: HOSTILE,
  version: '1.2.3',
  fingerprint: 'f00d',
  sources: [hostileSource, emptySource],
  filters: [
    { type: 'pii', version: 1, options: {} },
    { type: 'langid', version: 2, options: { languages: ['ar', 'en'], text: HOSTILE } },
    { type: 'minhash', version: 1, options: { threshold: 0.8 } },
  ],
  splits: {
    train: { ...tally(92), wanted: 0.95 },
    eval: { ...tally(6), wanted: 0.04 },
    test: { ...tally(2), wanted: 0.01 },
  },
  shards: [
    {
      path: 'train/train-00000-of-00001.arrow',
      split: 'train',
      rows: 92,
      bytes: 40_000,
      sha256: 'ab'.repeat(32),
    },
  ],
  alarms: [{ code: 'large-component', message: HOSTILE }],
  contamination: {
    benchmarks: [{ name: HOSTILE, items: 164, tooShort: 3, found: 2, documents: 5, ignored: 9 }],
    languages: [
      { language: 'python', documents: 900, contaminated: 4, share: 4 / 900, limit: 0.01 },
    ],
  },
  deterministic: false,
}
