import type { ContaminationReport } from '../core/report.ts'
import { formatCount, formatShare } from './format.ts'
import { html, type Markup } from './markup.ts'

/**
 * What was found in train of benchmarks and of the corpus's own eval and test documents, and what
 * is left in published code.
 */
export function contaminationSection({ benchmarks, languages }: ContaminationReport): Markup {
  const found = benchmarks.map(
    ({ name, items, tooShort, found: hit, documents, ignored }) =>
      html`<tr><th scope="row">${name}</th><td>${formatCount(items)}</td><td>${formatCount(hit)}</td><td>${formatCount(documents)}</td><td>${formatCount(tooShort)}</td><td>${formatCount(ignored)}</td></tr>`,
  )
  const left = languages.map(
    ({ language, documents, contaminated, share, limit }) =>
      html`<tr><th scope="row">${language}</th><td>${formatCount(documents)}</td><td>${formatCount(contaminated)}</td><td>${formatShare(share, 1)}</td><td>${limit === undefined ? 'none' : formatShare(limit, 1)}</td></tr>`,
  )
  return html`<section class="contamination"><h2>Contamination</h2>
<div class="scroll"><table><thead><tr><th>protected</th><th>items</th><th>found in train</th><th>documents with them</th><th>too short to look for</th><th>too common to count</th></tr></thead>
<tbody>${found}</tbody></table></div>
${languages.length > 0 && html`<h3>Left in published training code</h3><div class="scroll"><table><thead><tr><th>language</th><th>documents</th><th>contaminated</th><th>share</th><th>limit</th></tr></thead><tbody>${left}</tbody></table></div>`}
</section>`
}
