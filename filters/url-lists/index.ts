import { z } from 'zod'
import { textAt } from '../../src/core/batch.ts'
import { defineFilter, type Judgement, type MeasuredRow } from '../../src/core/filter.ts'
import { judgedBy, notAmong } from '../../src/core/judgement.ts'
import { addressOf } from './address.ts'
import { addressKeys } from './keys.ts'
import { DIRECTIVES, directivesIn } from './opt-out.ts'
import { readList, type UrlList } from './read-list.ts'

const NAME = /^[a-z\d][a-z\d-]*$/

const list = z.strictObject({
  name: z.string().regex(NAME).describe('Name of the list in the ledger and the report.'),
  files: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'Files, folders or globs, plain or compressed: a domain or an address a line, hosts files, ' +
        'AdBlock rules (||domain^), folders and .tar.gz of UT1.',
    ),
  kind: z
    .enum(['auto', 'domains'])
    .default('auto')
    .describe(
      'auto: a line without a path lists its domain with everything below it, a line with one ' +
        'lists what begins with it. domains: every line lists its domain.',
    ),
})

const settings = z.strictObject({
  lists: z.array(list).default([]).describe('Lists of domains and addresses.'),
  actions: z
    .record(z.string(), z.enum(['drop', 'keep-only', 'allow', 'note']))
    .default({})
    .describe(
      'What becomes of documents by the name of a list that has them: drop (default); keep-only ' +
        'drops all others; allow keeps them whatever other lists say; note only measures.',
    ),
  optOuts: z
    .array(z.enum(DIRECTIVES))
    .default([...DIRECTIVES])
    .describe(
      'Directives that drop a document whose metadata has them, as robots, x_robots_tag or ' +
        'tdm_reservation.',
    ),
})

const options = settings.superRefine(({ lists, actions }, issues) => {
  const names = lists.map(({ name }) => name)
  const problem = (path: (string | number)[], message: string) =>
    issues.addIssue({ code: 'custom', path, message })
  for (const [index, name] of names.entries())
    if (names.indexOf(name) !== index) problem(['lists', index, 'name'], `"${name}" is used twice`)
  for (const name of Object.keys(actions))
    if (!names.includes(name)) problem(['actions', name], `no list "${name}"`)
})
type Options = z.output<typeof options>

/** Joins the names of lists in a label. */
const JOINED = '+'

/** Drops documents by where they were published, and those whose pages opt out. */
export const urlLists = defineFilter({
  name: 'url-lists',
  version: 1,
  summary: 'Drops documents of listed domains and addresses, and pages that opt out of collection.',
  options,
  example: {},
  thresholds: ['actions', 'optOuts'],
  async create(chosen, context) {
    const lists: UrlList[] = []
    for (const one of chosen.lists) lists.push(await readList(context, one))
    const find = listFinder(lists)
    return {
      reasons: ['opt-out', 'listed-domain', 'listed-url', 'unlisted'],
      measures: {
        domainLists: { type: 'label', description: 'Lists that have the domain, joined by +.' },
        urlLists: { type: 'label', description: 'Lists that have the address, joined by +.' },
        optOut: { type: 'label', description: 'Directives of the page, joined by +.' },
      },
      fileHashes: lists.map(({ hash }) => hash),
      measure(batch, out) {
        const [domains, urls] = [out.label('domainLists'), out.label('urlLists')]
        const optOut = out.label('optOut')
        for (let row = 0; row < batch.rows; row++) {
          optOut[row] = directivesIn(textAt(batch.metadata, row)).join(JOINED)
          if (lists.length === 0) continue
          const found = find(textAt(batch.url, row))
          domains[row] = found.domain.join(JOINED)
          urls[row] = found.url.join(JOINED)
        }
      },
      ...judgedBy((row) => judgements(row, chosen)),
    }
  },
})

/** Returns a function that names the lists that have the domain or the address of a URL. */
function listFinder(lists: readonly UrlList[]) {
  const keys = addressKeys()
  return (url: string) => {
    const found: { domain: string[]; url: string[] } = { domain: [], url: [] }
    const address = url === '' ? undefined : addressOf(url)
    if (address === undefined) return found
    keys.read(address)
    for (const { name, domains, paths, exceptions } of lists) {
      const domain = keys.someDomain(domains.has)
      const path = paths.size > 0 && keys.somePath(paths.has)
      if (!domain && !path) continue
      if (keys.someDomain(exceptions.has) || keys.somePath(exceptions.has)) continue
      if (domain) found.domain.push(name)
      if (path) found.url.push(name)
    }
    return found
  }
}

function judgements(
  { values }: MeasuredRow,
  { lists, actions, optOuts }: Options,
): readonly Judgement[] {
  const action = (name: string): string => (Object.hasOwn(actions, name) && actions[name]) || 'drop'
  const listsTo = (wanted: string): string[] =>
    lists.map(({ name }) => name).filter((name) => action(name) === wanted)
  const [domains, urls] = [String(values.domainLists), String(values.urlLists)]
  const listed = `${domains}${JOINED}${urls}`.split(JOINED).filter(Boolean)
  const isListedTo = (wanted: string): boolean => listed.some((name) => action(name) === wanted)
  const optOut = notAmong({
    reason: 'opt-out',
    measure: 'optOut',
    value: String(values.optOut),
    limit: optOuts,
    option: 'optOuts',
  })
  if (isListedTo('allow')) return [optOut]
  const [drop, only] = [listsTo('drop'), listsTo('keep-only')]
  const unlisted: Judgement = {
    reason: 'unlisted',
    measure: 'domainLists + urlLists',
    value: listed.join(JOINED),
    comparison: 'among',
    limit: only,
    option: 'actions',
    passed: isListedTo('keep-only'),
  }
  const listedIn = (reason: string, measure: string, value: string): Judgement =>
    notAmong({ reason, measure, value, limit: drop, option: 'actions' })
  return [
    optOut,
    ...(drop.length > 0
      ? [
          listedIn('listed-domain', 'domainLists', domains),
          listedIn('listed-url', 'urlLists', urls),
        ]
      : []),
    ...(only.length > 0 ? [unlisted] : []),
  ]
}
