// The labelled cases of the section on keys, cut out of the tests of two other scanners.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type Example, examplesIn, spellingsIn } from './keys-go.ts'
import { halfOf } from './score.ts'
import type { QualityContext } from './section.ts'
import type { PublicSet } from './sets.ts'

export const GITLEAKS: PublicSet = {
  repository: 'gitleaks/gitleaks',
  commit: 'b58d3f102cf3a2c84cb7f923d05c25c9b1aed84b',
  license: 'MIT',
}

export const SECRETLINT: PublicSet = {
  repository: 'secretlint/secretlint',
  commit: '18346ba31b8173d52060b971221ab38c1943def0',
  license: 'MIT',
}

/** A text, and whether it holds a secret. */
export interface Case {
  readonly set: PublicSet
  /** The rule of the other scanner that the case tests. */
  readonly rule: string
  /** Spelling or kind of file, as far as it is known. */
  readonly language: string
  readonly text: string
  readonly secret: boolean
  /** Where the secret is, in UTF-16 units; anywhere if left out. */
  readonly range?: readonly [number, number]
  /** Whether the case repeats the one before in another spelling. */
  readonly respelled: boolean
}

/** The cases of rules that belong to the half being measured. */
export function casesOf(context: QualityContext): Case[] {
  return [
    ...gitleaksCases(context.open(GITLEAKS)),
    ...secretlintCases(context.open(SECRETLINT)),
  ].filter(({ set, rule }) => halfOf(`${set.repository}/${rule}`) === context.half)
}

/** Every example of every rule. */
function gitleaksCases(folder: string): Case[] {
  const generator = join(folder, 'cmd/generate/config')
  const spellings = spellingsIn(readFileSync(join(generator, 'utils/generate.go'), 'utf8'))
  const cases: Case[] = []
  for (const file of readdirSync(join(generator, 'rules')).sort()) {
    if (!file.endsWith('.go')) continue
    const source = readFileSync(join(generator, 'rules', file), 'utf8')
    for (const { rule, secret, harmless } of examplesIn(source, spellings)) {
      // A rule on the names of files alone, whose examples are names.
      if (rule === 'pkcs12-file') continue
      let spelled = ''
      const add = ({ name, text }: Example, isSecret: boolean): void => {
        const respelled = spellings.some((spelling) => spelling.name === name) && name !== spelled
        if (!respelled || spelled === '') spelled = name
        cases.push({
          set: GITLEAKS,
          rule,
          language: name.includes('.') ? extname(name).slice(1) : name.replace(/ - .*/, ''),
          text,
          secret: isSecret,
          respelled,
        })
      }
      for (const example of secret) add(example, true)
      for (const example of harmless) add(example, false)
    }
  }
  // The examples of sibling rules stand for each other's near misses.
  const secrets = new Set(cases.filter(({ secret }) => secret).map(({ text }) => text))
  return cases.filter(({ secret, text }) => secret || !secrets.has(text))
}

/** Rules that look for something else than keys and passwords, or for what an option says. */
const OTHER_RULES =
  /-(?:no-homedir|no-dotenv|no-k8s-kind-secret|pattern|example|filter-comments|preset-.*|internal-test-.*)$/
/**
 * Snapshots that are right only under the options of their run, or in which another rule of the
 * same scanner is right to find something.
 */
const OTHER_SNAPSHOTS = /\.allows$|enableIDScanRule-false$|^ok\.database-urls-not-detected$/

/** One case per message of a snapshot, and one per snapshot without any. */
function secretlintCases(folder: string): Case[] {
  const packages = join(folder, 'packages/@secretlint')
  const cases: Case[] = []
  for (const name of readdirSync(packages).sort()) {
    const snapshots = join(packages, name, 'test/snapshots')
    if (OTHER_RULES.test(name) || !name.includes('-rule-') || !existsSync(snapshots)) continue
    for (const snapshot of readdirSync(snapshots).sort()) {
      const output = join(snapshots, snapshot, 'output.json')
      if (OTHER_SNAPSHOTS.test(snapshot) || !existsSync(output)) continue
      const { filePath, messages } = JSON.parse(readFileSync(output, 'utf8')) as {
        readonly filePath: string
        readonly messages: readonly { readonly range: readonly [number, number] }[]
      }
      const input = join(snapshots, filePath.replace('[SNAPSHOT]', ''))
      // PKCS #12 files are no text.
      if (!existsSync(input) || input.endsWith('.p12')) continue
      const shared = {
        set: SECRETLINT,
        rule: name.replace('secretlint-rule-', ''),
        language: extname(input).slice(1),
        text: readFileSync(input, 'utf8'),
        respelled: false,
      }
      for (const { range } of messages) cases.push({ ...shared, secret: true, range })
      if (messages.length === 0) cases.push({ ...shared, secret: false })
    }
  }
  return cases
}
