import type {
  DropReport,
  Example,
  MeasureReport,
  RunReport,
  SkipReport,
  SourceReport,
} from '../core/report.ts'
import { histogram, limitText } from './charts.ts'
import {
  counted,
  directionOf,
  formatBytes,
  formatCount,
  formatShare,
  formatValue,
} from './format.ts'
import { funnelOf, publishedBy } from './funnel.ts'
import { html, type Markup } from './markup.ts'

/**
 * Everything the report says about one source: its funnel, what was left out with examples, what
 * was measured, and what was kept.
 */
export function sourceSection(source: SourceReport, report: RunReport): Markup {
  const published = publishedBy(source)
  return html`<details class="source" id="source-${source.source}" open>
<summary><h3>${source.source}</h3> <span>${source.type} · ${formatCount(published.items)} of ${counted(source.read, 'item')} published (${formatShare(published.items, source.read)}), ${counted(published.documents, 'document')}, ${formatBytes(published.bytes)}</span></summary>
${source.warnings.map((warning) => html`<p class="warning">${warning}</p>`)}
${funnel(source, report)}
${source.skipped.length > 0 && skips(source.skipped)}
${source.dropped.length > 0 && drops(source.dropped)}
${source.measures.length > 0 && measures(source.measures)}
${source.examples.length > 0 && html`<h4>Kept, for example</h4>${source.examples.map(example)}`}
</details>`
}

function funnel(source: SourceReport, { filters }: RunReport): Markup {
  const steps = funnelOf(source, filters)
  const cells = steps.map(
    ({ name, removed, left }) =>
      html`<li><b>${name}</b><span>−${formatCount(removed)}</span><span class="left">${formatCount(left)} left</span></li>`,
  )
  return html`<ol class="funnel"><li><b>read</b><span class="left">${formatCount(source.read)}</span></li>${cells}</ol>`
}

function skips(skipped: readonly SkipReport[]): Markup {
  const rows = skipped.map(
    ({ reason, items, places }) =>
      html`<tr><th scope="row">${reason}</th><td>${formatCount(items)}</td><td class="text wide">${places.map((place) => html`<code>${place}</code> `)}</td></tr>`,
  )
  return html`<h4>Skipped while reading</h4><div class="scroll"><table><thead><tr><th>reason</th><th>items</th><th class="text wide">for example at</th></tr></thead><tbody>${rows}</tbody></table></div>`
}

function drops(dropped: readonly DropReport[]): Markup {
  const entries = dropped.map(
    ({
      filter,
      reason,
      documents,
      bytes,
      examples,
    }) => html`<details class="drop"><summary><b>${reason}</b> by ${filter}: ${counted(documents, 'document')}, ${formatBytes(bytes)}</summary>
${examples.map(example)}</details>`,
  )
  return html`<h4>Removed by filters</h4>${entries}`
}

/**
 * A document: its id, its measures except zeros and empty labels, and its text as plain text in its
 * own direction.
 */
function example({ id, excerpt, lang, values }: Example): Markup {
  const telling = Object.entries(values).filter(([, value]) => value !== 0 && value !== '')
  const facts = telling.map(
    ([name, value]) => html`<span>${name} <b>${formatValue(value)}</b></span> `,
  )
  // A language code comes from the input too. An invalid one is kept out of the attributes.
  const language = /^[a-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(lang) ? lang : ''
  return html`<figure><figcaption><code>${id}</code> ${facts}</figcaption>
<blockquote dir="${directionOf(language)}" lang="${language}">${excerpt}</blockquote></figure>`
}

function measures(reports: readonly MeasureReport[]): Markup {
  const measured = reports.filter(({ rows }) => rows > 0)
  const charts = measured.filter(isSpread)
  const others = measured.filter((report) => !isSpread(report))
  const figures = charts.map((report) => {
    const { filter, measure, description, rows, sum } = report
    return html`<figure class="chart"><figcaption><b>${filter}.${measure}</b> mean ${formatValue(mean(sum, rows))} of ${counted(rows, 'document')}<br>${description}${limitsOf(report)}</figcaption>
${histogram(report)}</figure>`
  })
  const rows = others.map(
    (report) =>
      html`<tr><th scope="row">${report.filter}.${report.measure}</th><td class="text">${report.description}${limitsOf(report)}</td><td class="text">${found(report)}</td></tr>`,
  )
  return html`<h4>Measured</h4>${charts.length > 0 && html`<div class="charts">${figures}</div>`}
${others.length > 0 && html`<details><summary>${counted(others.length, 'other measure')}</summary><div class="scroll"><table><tbody>${rows}</tbody></table></div></details>`}`
}

function limitsOf({ limits = [] }: MeasureReport): Markup | false {
  return limits.length > 0 && html`<br>Limits: ${limits.map(limitText).join('; ')}.`
}

/** Whether a histogram would show more than one column. */
const isSpread = ({ bins }: MeasureReport): boolean =>
  (bins ?? []).filter((count) => count > 0).length > 1

function found({ rows, sum, min, max, labels }: MeasureReport): string {
  if (labels)
    return labels
      .map(({ label, rows: count }) => `${label || 'none'} ${formatCount(count)}`)
      .join(', ')
  return `mean ${formatValue(mean(sum, rows))}, from ${formatValue(min ?? 0)} to ${formatValue(max ?? 0)}, sum ${formatValue(sum ?? 0)}`
}

const mean = (sum: number | undefined, rows: number): number =>
  Number(((sum ?? 0) / Math.max(1, rows)).toPrecision(4))
