import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseLicense, printLicense } from '../../filters/license/expression.ts'
import { IDENTIFIERS } from '../../filters/license/resolve.ts'
import { type Half, halfOf, type Rate, showRate } from './score.ts'
import type { QualitySection } from './section.ts'
import type { PublicSet } from './sets.ts'

const LICENSES: PublicSet = {
  repository: 'aboutcode-org/scancode-licensedb',
  commit: '053a651f5e0182bec226b90c4ad47a709da8687b',
  license: 'CC-BY-4.0',
}

/** A spelling and the identifier that it means. */
interface Spelling {
  readonly text: string
  readonly id: string
  readonly kind: 'name' | 'short name' | 'address'
}

interface Entry {
  readonly key: string
  readonly name?: string
  readonly short_name?: string
  readonly spdx_license_key?: string
  readonly is_deprecated?: boolean
  readonly is_exception?: boolean
  readonly text_urls?: readonly string[]
  readonly other_urls?: readonly string[]
  readonly osi_url?: string
}

/** Licences that nearly all data and code is under, apart from the long tail of SPDX. */
const USUAL =
  /^(?:MIT|MIT-0|Apache-|BSD-[234]-Clause$|0BSD|ISC|[AL]?GPL-|GFDL-|MPL-|EPL-|EUPL-|CDDL-|CC|ODbL|ODC|PDDL|OFL|Unlicense|WTFPL|Zlib|BSL|Artistic|PostgreSQL|Python|PSF|NCSA|BUSL|OGL-UK|CDLA|MS-)/

/** Names, short names and addresses in the set that mean one licence only. */
function spellings(folder: string, half: Half): Spelling[] {
  const known = new Set(IDENTIFIERS)
  const found: Spelling[] = []
  const uses = new Map<string, Set<string>>()
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.json') || file === 'index.json') continue
    const entry = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Entry
    const { spdx_license_key: key = '', name = '', short_name: short = '' } = entry
    if (entry.is_deprecated || entry.is_exception || !known.has(key)) continue
    const id = printLicense(parseLicense(key))
    const addresses = [entry.text_urls ?? [], entry.other_urls ?? [], entry.osi_url ?? []].flat()
    const own: Spelling[] = [
      { text: name, id, kind: 'name' },
      { text: short, id, kind: 'short name' },
      ...[...new Set(addresses)].map((text): Spelling => ({ text, id, kind: 'address' })),
    ]
    for (const { text } of own) uses.set(text, (uses.get(text) ?? new Set()).add(id))
    if (halfOf(entry.key) === half) found.push(...own)
  }
  return found.filter(({ text }) => text !== '' && uses.get(text)?.size === 1)
}

function row(title: string, all: readonly Spelling[]): string[] {
  const read = all.map((one) => ({ ...one, as: printLicense(parseLicense(one.text)) }))
  const known = read.filter(({ as }) => as !== 'NOASSERTION')
  const right: Rate = { part: known.filter(({ as, id }) => as === id).length, whole: known.length }
  const found: Rate = { part: right.part, whole: all.length }
  return [title, showRate(right), showRate(found)]
}

export const section: QualitySection = {
  name: 'license',
  sets: [LICENSES],
  introduction: `
\`license\` brings what sources call a licence into SPDX expressions. The set names every licence of
SPDX in other words: its full name, a short name, and addresses of its text. Precision is the share
of what was resolved that is right, recall the share of all that was resolved rightly; spellings of
several licences are left out. Usual licences are those that package indexes and data sets are full
of; the long tail of SPDX is licences of single programs. What is not resolved counts as not known,
which the policy drops by default.`,
  async measure({ half, open }) {
    const all = spellings(join(open(LICENSES), 'docs'), half)
    const usual = all.filter(({ id }) => USUAL.test(id))
    const kinds = ['name', 'short name', 'address'] as const
    const rows = [
      ...kinds.map((kind) =>
        row(
          `usual licences, ${kind}`,
          usual.filter((one) => one.kind === kind),
        ),
      ),
      ...kinds.map((kind) =>
        row(
          `all licences, ${kind}`,
          all.filter((one) => one.kind === kind),
        ),
      ),
    ]
    return [
      { title: 'Licences by other names', columns: ['spelling', 'precision', 'recall'], rows },
    ]
  },
}
