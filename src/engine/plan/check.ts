import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { ConnectorComponent } from '../../core/connector.ts'
import { EtlError } from '../../core/errors.ts'
import type { AnyFilterComponent } from '../../core/filter.ts'
import { filterEntry, type ManifestShell, manifestSchema, sourceEntry } from './manifest.ts'
import { type Lazy, nearestName, type Registry } from './registry.ts'
import { isObject, type Problem, problemsOf } from './schema-problems.ts'

export interface SourcePlan {
  /** Where it stands in the manifest: `sources[1]`. */
  readonly path: string
  readonly name: string
  readonly type: string
  readonly component: ConnectorComponent
  readonly options: Readonly<Record<string, unknown>>
}

export interface FilterPlan {
  /** The type, or `type#2` and so on where a type is used again: names its measures. */
  readonly name: string
  readonly type: string
  readonly component: AnyFilterComponent
  readonly options: Readonly<Record<string, unknown>>
  /** Sources it applies to; all, if undefined. */
  readonly sources: readonly string[] | undefined
}

/** A manifest whose every part is known to be valid. */
export interface Manifest extends Omit<ManifestShell, 'sources' | 'filters' | 'output'> {
  /** Absolute path of the manifest and of the folder that relative paths start from. */
  readonly path: string
  readonly folder: string
  /** Absolute. */
  readonly output: string
  readonly sources: readonly SourcePlan[]
  readonly filters: readonly FilterPlan[]
}

/** Reads and parses a manifest file. */
export async function readManifest(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new EtlError('manifest-unreadable', { where: path, what: 'cannot be read', cause })
  })
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new EtlError('manifest-unreadable', {
      where: path,
      what: `not valid JSON: ${what}`,
      cause,
    })
  }
}

/** What validation found: a manifest with defaults filled in, or all that is wrong. */
export type Validation =
  | { readonly manifest: Manifest }
  | {
      readonly problems: readonly Problem[]
      /**
       * A manifest of the valid sources alone, so that their inputs can be looked for too;
       * undefined if there are none.
       */
      readonly readable: Manifest | undefined
    }

/** Validates everything that can be said without looking for inputs, all problems at once. */
export async function validateManifest(
  value: unknown,
  path: string,
  registry: Registry,
): Promise<Validation> {
  const shell = manifestSchema.safeParse(value)
  const problems = shell.success ? [] : problemsOf(shell.error, manifestSchema, value, [])
  const sources = await entries(
    value,
    'sources',
    registry.connectors,
    sourceEntry,
    'connector',
    problems,
  )
  const filters = await entries(value, 'filters', registry.filters, filterEntry, 'filter', problems)
  problems.push(...crossProblems(namedSources(value), filters))
  const absolute = resolve(path)
  const plans = sources.flatMap(sourcePlan)
  if (shell.success && problems.length === 0) {
    return { manifest: withPaths(absolute, shell.data, plans, filterPlans(filters)) }
  }
  const bare = manifestSchema.parse({
    name: 'readable',
    output: '.',
    sources: [{ name: 'any', type: 'any' }],
  })
  const readable = plans.length > 0 ? withPaths(absolute, bare, plans, []) : undefined
  return { problems: dedupe(problems), readable }
}

function withPaths(
  path: string,
  shell: ManifestShell,
  sources: readonly SourcePlan[],
  filters: readonly FilterPlan[],
): Manifest {
  const folder = dirname(path)
  return { ...shell, path, folder, output: resolve(folder, shell.output), sources, filters }
}

/** The source of an entry, none if its options are not valid. */
function sourcePlan({ path, entry, component, options }: Entry<ConnectorComponent>): SourcePlan[] {
  return options
    ? [{ path, name: String(entry.name), type: component.name, component, options }]
    : []
}

function filterPlans(entries: readonly Entry<AnyFilterComponent>[]): FilterPlan[] {
  const seen = new Map<string, number>()
  return entries.map(({ component, entry, options = {} }) => {
    const count = (seen.get(component.name) ?? 0) + 1
    seen.set(component.name, count)
    return {
      name: count === 1 ? component.name : `${component.name}#${count}`,
      type: component.name,
      component,
      options,
      sources: entry.sources as readonly string[] | undefined,
    }
  })
}

/** Throws one error that lists every problem. */
export function throwProblems(path: string, problems: readonly Problem[]): never {
  const lines = problems.map(({ path: place, message, nearest }) => {
    return `  ${place || '(file)'}: ${message}${nearest ? ` — did you mean "${nearest}"?` : ''}`
  })
  throw new EtlError('manifest-invalid', {
    where: path,
    what: `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}\n${lines.join('\n')}`,
  })
}

interface Entry<T> {
  readonly path: string
  readonly entry: Readonly<Record<string, unknown>>
  readonly component: T
  /** With defaults filled in; undefined if they are not valid. */
  readonly options: Readonly<Record<string, unknown>> | undefined
}

/**
 * Validates each entry of `sources` or `filters` against the schema of its component; those of
 * known type.
 */
async function entries<T extends ConnectorComponent | AnyFilterComponent>(
  manifest: unknown,
  key: 'sources' | 'filters',
  components: Lazy<T>,
  common: Readonly<Record<string, z.ZodType>>,
  what: string,
  problems: Problem[],
): Promise<Entry<T>[]> {
  const known: Entry<T>[] = []
  for (const [index, entry] of listIn(manifest, key).entries()) {
    const path = `${key}[${index}]`
    if (!isObject(entry) || typeof entry.type !== 'string') continue
    const load = components[entry.type]
    if (load === undefined) {
      const names = Object.keys(components)
      const nearest = nearestName(entry.type, names)
      const message = `unknown ${what} "${entry.type}"; known: ${names.join(', ')}`
      problems.push({ path: `${path}.type`, message, ...(nearest ? { nearest } : {}) })
      continue
    }
    const component = await load()
    const schema = entrySchema(component, common)
    const parsed = schema.safeParse(entry)
    if (!parsed.success) {
      problems.push(...problemsOf(parsed.error, schema, entry, [key, index]))
      known.push({ path, entry, component, options: undefined })
      continue
    }
    const options = Object.fromEntries(
      Object.entries(parsed.data).filter(([name]) => name !== 'type' && !(name in common)),
    )
    // An entry's schema has no rules between options: those of its component may have.
    const whole = component.options.safeParse(options)
    if (!whole.success) problems.push(...problemsOf(whole.error, schema, entry, [key, index]))
    known.push({ path, entry, component, options: whole.success ? options : undefined })
  }
  return known
}

/** The entries of a list of the manifest, whatever they are; none if it has no such list. */
function listIn(manifest: unknown, key: 'sources' | 'filters'): unknown[] {
  return isObject(manifest) && Array.isArray(manifest[key]) ? (manifest[key] as unknown[]) : []
}

/** The strict schema of one manifest entry: type, common keys and the options of the component. */
export function entrySchema(
  component: ConnectorComponent | AnyFilterComponent,
  common: Readonly<Record<string, z.ZodType>>,
): z.ZodObject {
  const type = z.literal(component.name).describe(component.summary)
  return z.strictObject({ ...common, type, ...component.options.shape })
}

/**
 * The names of all sources with the places of their entries, also of those that are not valid
 * otherwise.
 */
function namedSources(manifest: unknown): { path: string; name: string }[] {
  return listIn(manifest, 'sources').flatMap((entry, index) =>
    isObject(entry) && typeof entry.name === 'string'
      ? [{ path: `sources[${index}]`, name: entry.name }]
      : [],
  )
}

/** Rules between entries: unique source names, existing sources, corpus filters last. */
function crossProblems(
  sources: readonly { readonly path: string; readonly name: string }[],
  filters: readonly Entry<AnyFilterComponent>[],
): Problem[] {
  const problems: Problem[] = []
  const names = new Set<string>()
  for (const { path, name } of sources) {
    if (names.has(name))
      problems.push({ path: `${path}.name`, message: `"${name}" is used twice; ids would clash` })
    names.add(name)
  }
  const lastRow = filters.findLastIndex(({ component }) => component.level === 'row')
  for (const [index, { path, component, entry }] of filters.entries()) {
    if (component.level === 'corpus' && index < lastRow) {
      const message = `"${component.name}" needs all documents: move it behind the row filters`
      problems.push({ path, message })
    }
    for (const source of Array.isArray(entry.sources) ? entry.sources : []) {
      if (names.has(source)) continue
      const nearest = nearestName(String(source), [...names])
      problems.push({
        path: `${path}.sources`,
        message: `no source "${source}"`,
        ...(nearest ? { nearest } : {}),
      })
    }
  }
  return problems
}

function dedupe(problems: readonly Problem[]): Problem[] {
  return [
    ...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values(),
  ]
}
