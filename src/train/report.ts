import type { SliceResult, TrainEvent, TrainResult } from '../core/train-events.ts'
import type { TrainJob } from '../core/train-job.ts'

/**
 * Renders a self-contained page with curves of loss, learning rate and throughput, held-out scores
 * and spikes. It contains no script and makes no requests.
 */
export function renderTrainingReport(
  job: TrainJob,
  result: TrainResult,
  events: readonly TrainEvent[],
  baselines: Readonly<Record<string, TrainResult>> = {},
): string {
  const steps = events.filter((event) => event.type === 'step')
  const evals = events.filter((event) => event.type === 'eval')
  const spikes = events.filter((event) => event.type === 'spike')
  const mixture = events.findLast((event) => event.type === 'mixture')
  const warnings = events.filter((event) => event.type === 'warn')
  const curve = (title: string, value: (step: (typeof steps)[number]) => number | null): string =>
    chart(
      title,
      steps.flatMap((step) =>
        value(step) === null ? [] : [[step.tokens, value(step) ?? 0] as const],
      ),
    )
  const grade = result.exitCode === 0 ? 'good' : result.error ? 'bad' : ''
  const trained = `${number(result.tokens)} of ${number(job.data.tokens)} tokens`
  const outcome = `${escapeHtml(result.outcome)}: step ${number(result.step)}, ${trained}`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${result.outcome === 'running' ? '<meta http-equiv="refresh" content="60">\n' : ''}<title>${escapeHtml(job.name)}</title>
<style>${STYLE}</style>
<main>
<h1>${escapeHtml(job.name)}</h1>
<p class="${grade}">${outcome}</p>
${failure(result)}
${heldOut(result, baselines)}
${overlap(result)}
${curve('Loss', ({ smoothed, loss }) => smoothed ?? loss)}
${[...new Set(evals.flatMap(({ slices }) => slices.map(({ slice }) => slice)))]
  .map((name) =>
    chart(
      `Perplexity of ${name}`,
      evals.flatMap(({ trainTokens, slices }) =>
        slices
          .filter(({ slice }) => slice === name)
          .map(({ perplexity }) => [trainTokens, perplexity] as const),
      ),
    ),
  )
  .join('')}
${curve('Learning rate', ({ lr }) => (lr > 0 ? lr : null))}
${curve('Tokens per second', ({ tokensPerSecond }) => tokensPerSecond)}
${table(
  'Spikes',
  ['step', 'loss', 'gradient norm'],
  spikes.map(({ step, loss, gradNorm }) => [number(step), String(loss), String(gradNorm)]),
)}
${table(
  'Warnings',
  ['code', 'message'],
  warnings.map(({ code, message }) => [code, message]),
)}
${table(
  'Mixture',
  ['component', 'available', 'planned', 'trained on', 'epochs', 'left out'],
  job.data.mixture.map(({ name, available, tokens }) => {
    const trained = mixture?.components.find((component) => component.name === name)
    return [
      name,
      number(available),
      number(tokens),
      trained ? number(trained.tokens) : '',
      trained?.epochs.toFixed(2) ?? '',
      trained ? number(trained.leftOut) : '',
    ]
  }),
)}
${table(
  'Sources',
  ['source', 'trained on', 'epochs'],
  (mixture?.sources ?? []).map(({ name, tokens, epochs }) => [
    name,
    number(tokens),
    epochs.toFixed(2),
  ]),
)}
${table(
  'Job',
  [],
  [
    ['backend', `${job.backend.name} on ${job.backend.device}`],
    ...(steps.some(({ loss }) => loss !== null) ? [['preset', job.preset]] : []),
    ['hash', job.hash.slice(0, 16)],
    [
      'tokenizer',
      `${job.data.tokenizer.sha256.slice(0, 16)}, ${number(job.data.tokenizer.vocab)} ids`,
    ],
    ...job.data.corpora.map(({ fingerprint }) => ['tokens', fingerprint.slice(0, 16)]),
  ],
)}
</main>
</html>
`
}

function failure({ error }: TrainResult): string {
  if (!error) return ''
  return `<p class="bad">${escapeHtml(error.message)}<br>${escapeHtml(error.hint)}</p>`
}

/**
 * Scores of the slices, each followed by the scores that counting n-grams reaches on the same
 * tokens.
 */
function heldOut(
  { slices }: TrainResult,
  baselines: Readonly<Record<string, TrainResult>>,
): string {
  const row = (label: string, { tokens, loss, perplexity, bitsPerByte }: SliceResult): string[] => [
    label,
    number(tokens),
    loss.toFixed(4),
    perplexity.toFixed(2),
    bitsPerByte.toFixed(4),
  ]
  const rows = slices.flatMap((slice) => {
    const counted = Object.entries(baselines).flatMap(([name, result]) => {
      const found = result.slices.find((one) => one.slice === slice.slice)
      return found ? [row(`${slice.slice}, ${name}`, found)] : []
    })
    return [row(slice.slice, slice), ...counted]
  })
  const notes = Object.entries(baselines).map(([name, { error, tokens }]) =>
    error
      ? `No baseline of ${name}: ${error.message}`
      : `Baseline: ${name} counted on ${number(tokens)} tokens of the same mixture.`,
  )
  const scores = table(
    'Held-out text',
    ['slice', 'tokens', 'loss', 'perplexity', 'bits per byte'],
    rows,
  )
  return `${scores}${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('')}`
}

/** Overlap of the held-out text with the training text. */
function overlap({ contamination }: TrainResult): string {
  if (!contamination) return ''
  const { run, trainTokens, searchedTokens, slices } = contamination
  const rows = slices.map(({ slice, documents, tooShort, found }) => [
    slice,
    number(documents),
    number(found),
    number(tooShort),
  ])
  const title = `Held-out documents that share ${run} tokens in a row with training text`
  const searched = searchedTokens < trainTokens ? `${number(searchedTokens)} of ` : ''
  const note = `<p>Searched: ${searched}${number(trainTokens)} training tokens.</p>`
  const head = ['slice', 'documents', 'found in train', 'too short to look for']
  return `${table(title, head, rows)}${note}`
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}main{max-width:60rem;margin:auto;padding:1rem}
table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.2rem .8rem;text-align:start;border-bottom:1px solid #8884}
svg{width:100%;height:12rem;background:#8881}polyline{fill:none;stroke:#2878c8;stroke-width:2;vector-effect:non-scaling-stroke}
.n{text-align:end;font-variant-numeric:tabular-nums}.chart{display:flex;gap:.5rem}.chart div{display:flex;flex-direction:column;justify-content:space-between;min-width:5rem;text-align:end;font-size:.85rem}
.good{color:#287a3c}.bad{color:#c0392b}figure{margin:1rem 0}figcaption{font-size:.85rem}h2{font-size:1.1rem}`

const number = (value: number): string => new Intl.NumberFormat('en-US').format(value)

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)

function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): string {
  if (rows.length === 0) return ''
  const cells = (tag: string, row: readonly (string | undefined)[]): string => {
    const classOf = (index: number): string => (index > 0 && head.length > 2 ? ' class="n"' : '')
    const inner = row.map(
      (cell, index) => `<${tag}${classOf(index)}>${escapeHtml(cell ?? '')}</${tag}>`,
    )
    return `<tr>${inner.join('')}</tr>`
  }
  const lines = [
    ...(head.length > 0 ? [cells('th', head)] : []),
    ...rows.map((row) => cells('td', row)),
  ]
  return `<h2>${escapeHtml(title)}</h2><table>${lines.join('')}</table>`
}

/** Maximum number of points drawn; of more, only every n-th. */
const POINTS = 500

function chart(title: string, points: readonly (readonly [number, number])[]): string {
  if (points.length < 2) return ''
  const drawn = points.filter((_, index) => index % Math.ceil(points.length / POINTS) === 0)
  const xs = drawn.map(([x]) => x)
  const ys = drawn.map(([, y]) => y)
  const place = (value: number, low: number, high: number): number =>
    high === low ? 50 : ((value - low) / (high - low)) * 96 + 2
  const [left, right, bottom, top] = [
    Math.min(...xs),
    Math.max(...xs),
    Math.min(...ys),
    Math.max(...ys),
  ]
  const line = drawn.map(
    ([x, y]) => `${place(x, left, right).toFixed(2)},${(100 - place(y, bottom, top)).toFixed(2)}`,
  )
  const name = escapeHtml(title)
  const scale = `<span>${top.toPrecision(4)}</span><span>${bottom.toPrecision(4)}</span>`
  const plot =
    `<svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${name}">` +
    `<polyline points="${line.join(' ')}"/></svg>`
  const range = `${number(left)} to ${number(right)} tokens; last ${ys.at(-1)?.toPrecision(4)}`
  return `<figure><h2>${name}</h2><div class="chart"><div>${scale}</div>${plot}</div>
<figcaption>${range}</figcaption></figure>`
}
