import { type RunReport, SPLITS } from '../core/report.ts'
import { type BarPart, stackedBar } from './charts.ts'
import { contaminationSection } from './contamination.ts'
import { formatBytes, formatCount, formatShare } from './format.ts'
import { funnelOf, publishedBy, publishedTotal, reasonRows, sum, totalsBy } from './funnel.ts'
import { html, type Markup } from './markup.ts'
import { sourceSection } from './source-section.ts'
import { STYLE } from './style.ts'

/**
 * Content security policy that enforces how the page is built: no script runs, nothing is fetched.
 */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/**
 * Renders the report as one self-contained HTML page without scripts or requests. Everything quoted
 * from documents appears as plain text.
 */
export function renderReport(report: RunReport): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${report.name}: corpus report</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
${header(report)}
<main>
${alarms(report)}
${overview(report)}
${splits(report)}
${reasons(report)}
${report.contamination && contaminationSection(report.contamination)}
${composition(report)}
<section><h2>Sources</h2>
${report.sources.map((source) => sourceSection(source, report))}
</section>
${recipe(report)}
${shards(report)}
</main>
<footer>cosmos-etl ${report.version} · fingerprint <code>${report.fingerprint}</code></footer>
</body>
</html>
`
  return page.markup
}

function header(report: RunReport): Markup {
  const read = sum(report.sources.map((source) => source.read))
  const published = publishedTotal(report)
  const tiles: readonly (readonly [string, string])[] = [
    ['items read', formatCount(read)],
    ['documents published', formatCount(published.documents)],
    ['of the items kept', formatShare(published.items, read)],
    ['of text', formatBytes(published.bytes)],
    ['words', formatCount(published.words)],
  ]
  return html`<header>
<h1>${report.name}</h1>
<p>${report.description}</p>
<dl class="tiles">${tiles.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`
}

function alarms({ alarms: list, deterministic }: RunReport): Markup | undefined {
  const unstable = {
    code: 'not-deterministic',
    message: 'A document was set aside because of its time; another run may decide differently.',
  }
  const shown = deterministic ? list : [...list, unstable]
  if (shown.length === 0) return undefined
  return html`<section class="alarms" role="note"><h2>Alarms</h2><ul>${shown.map(
    ({ code, message }) => html`<li><code>${code}</code> ${message}</li>`,
  )}</ul></section>`
}

/** Colour name of a step of the funnel, the same in every chart. */
export function toneOf(step: string, filters: RunReport['filters']): string {
  if (step === 'published' || step === 'skipped' || step === 'engine') return step
  const index = filters.findIndex(({ type }) => type === step)
  return index < 0 ? 'engine' : `f${index % 8}`
}

function overview(report: RunReport): Markup {
  const { sources, filters } = report
  const steps = ['published', 'skipped', 'engine', ...filters.map(({ type }) => type)]
  const seen = new Set<string>(['published'])
  const rows = sources.map((source) => {
    const published = publishedBy(source)
    const parts: BarPart[] = [
      { label: 'published', value: published.items, tone: 'published' },
      ...funnelOf(source, filters).map(({ name, removed }) => {
        if (removed > 0) seen.add(name)
        return { label: name, value: removed, tone: toneOf(name, filters) }
      }),
    ]
    const label = parts.map(({ label: name, value }) => `${name} ${value}`).join(', ')
    return html`<tr>
<th scope="row"><a href="#source-${source.source}">${source.source}</a></th><td class="wide">${stackedBar(parts, label)}</td>
<td>${formatCount(source.read)}</td><td>${formatCount(published.items)}</td><td>${formatShare(published.items, source.read)}</td><td>${formatBytes(published.bytes)}</td></tr>`
  })
  const legend = steps.filter((step) => seen.has(step))
  return html`<section><h2>What became of every item</h2>
<p class="legend">${legend.map((step) => html`<span><i class="tone-${toneOf(step, filters)}"></i>${step}</span>`)}</p>
<div class="scroll"><table><thead><tr><th>source</th><th class="wide"></th><th>read</th><th>published</th><th>kept</th><th>text</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`
}

function splits({ splits: bySplit }: RunReport): Markup {
  const words = sum(SPLITS.map((split) => bySplit[split].words))
  const rows = SPLITS.map((split) => {
    const { documents, bytes, words: own, wanted } = bySplit[split]
    return html`<tr><th scope="row">${split}</th><td>${formatCount(documents)}</td><td>${formatBytes(bytes)}</td><td>${formatCount(own)}</td><td>${formatShare(own, words)}</td><td>${formatShare(wanted, 1)}</td></tr>`
  })
  return html`<section><h2>Splits</h2>
<div class="scroll"><table><thead><tr><th>split</th><th>documents</th><th>text</th><th>words</th><th>share of words</th><th>wanted</th></tr></thead>
<tbody>${rows}</tbody></table></div>
<p class="note">A keyed hash of its id decides a document’s split, for ever; with few documents the shares are rough.</p></section>`
}

function reasons(report: RunReport): Markup {
  const rows = reasonRows(report)
  const total = sum(report.sources.map(({ read }) => read))
  const body = rows.map(
    ({
      step,
      reason,
      items,
      perSource,
    }) => html`<tr><th scope="row">${reason}</th><td class="text step"><i class="tone-${toneOf(step === 'source' ? 'skipped' : step, report.filters)}"></i>${step}</td>
<td>${formatCount(items)}</td><td>${formatShare(items, total)}</td>${perSource.map((count) => html`<td>${count === 0 ? '·' : formatCount(count)}</td>`)}</tr>`,
  )
  return html`<section><h2>Why items were left out</h2>
<div class="scroll"><table><thead><tr><th>reason</th><th class="text">by</th><th>items</th><th>of all</th>${report.sources.map(({ source }) => html`<th>${source}</th>`)}</tr></thead>
<tbody>${body}</tbody></table></div></section>`
}

/** Rows per table; the rest is summed up in one row. */
const SHOWN = 12

function composition(report: RunReport): Markup {
  const table = (title: string, key: 'languages' | 'licenses' | 'kinds'): Markup => {
    const totals = totalsBy(report, key)
    const bytes = sum(totals.map(({ tally }) => tally.bytes))
    const rest = totals.slice(SHOWN)
    const rows = totals
      .slice(0, SHOWN)
      .map(
        ({ name, tally }) =>
          html`<tr><th scope="row">${name}</th><td>${formatCount(tally.documents)}</td><td>${formatBytes(tally.bytes)}</td><td>${formatShare(tally.bytes, bytes)}</td></tr>`,
      )
    const more = html`<tr><th scope="row">${rest.length} more</th><td>${formatCount(sum(rest.map(({ tally }) => tally.documents)))}</td><td>${formatBytes(sum(rest.map(({ tally }) => tally.bytes)))}</td><td></td></tr>`
    return html`<div><h3>${title}</h3><div class="scroll"><table><thead><tr><th></th><th>documents</th><th>text</th><th>share</th></tr></thead>
<tbody>${rows}${rest.length > 0 && more}</tbody></table></div></div>`
  }
  return html`<section><h2>What was published</h2><div class="columns">
${table('Languages', 'languages')}${table('Licences', 'licenses')}${table('Kinds', 'kinds')}</div></section>`
}

function recipe({ filters }: RunReport): Markup {
  const rows = filters.map(
    ({ type, version, options }) =>
      html`<tr><th scope="row">${type}</th><td>${version}</td><td class="text wide"><code>${JSON.stringify(options)}</code></td></tr>`,
  )
  return html`<section><h2>Filters, in order</h2><div class="scroll"><table><thead><tr><th>filter</th><th>version</th><th class="text wide">options</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`
}

function shards({ shards: files }: RunReport): Markup {
  const rows = files.map(
    ({ path, rows: count, bytes, sha256 }) =>
      html`<tr><th scope="row">${path}</th><td>${formatCount(count)}</td><td>${formatBytes(bytes)}</td><td class="text"><code>${sha256}</code></td></tr>`,
  )
  return html`<section><h2>Shards</h2><details${{ markup: files.length <= 12 ? ' open' : '' }}><summary>${files.length} files</summary>
<div class="scroll"><table><thead><tr><th>file</th><th>rows</th><th>size</th><th class="text">sha256</th></tr></thead><tbody>${rows}</tbody></table></div></details></section>`
}
