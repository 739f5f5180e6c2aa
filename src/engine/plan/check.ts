import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import type { ConnectorComponent } from '../../core/connector.ts'
import { EtlError } from '../../core/errors.ts'
import type { AnyFilterComponent } from '../../core/filter.ts'
import { filterEntry, type ManifestShell, manifestSchema, sourceEntry } from './manifest.ts'
import { type Lazy, loadComponent, nearestName, type Registry } from './registry.ts'
import { isObject, type Problem, problemsOf } from './schema-problems.ts'

/** One valid entry of `sources`. */
export interface SourcePlan {
  /** Position in the manifest: `sources[1]`. */
  readonly path: string
  readonly name: string
  readonly type: string
  readonly component: ConnectorComponent
  readonly options: Readonly<Record<string, unknown>>
}

/** One valid entry of `filters`. */
export interface FilterPlan {
  /** The type; `type#2` and so on if it is used again. Prefix of the names of its measures. */
  readonly name: string
  readonly type: string
  readonly component: AnyFilterComponent
  readonly options: Readonly<Record<string, unknown>>
  /** Names of the sources it applies to; all if undefined. */
  readonly sources: readonly string[] | undefined
}

/** A manifest that has passed validation completely. */
export interface Manifest extends Omit<ManifestShell, 'sources' | 'filters' | 'output'> {
  /**
   * Absolute paths of the manifest and of its folder, against which relative paths are resolved.
   */
  readonly path: string
  readonly folder: string
  /** Absolute. */
  readonly output: string
  readonly sources: readonly SourcePlan[]
  readonly filters: readonly FilterPlan[]
}

/** Reads and parses a manifest file; throws `manifest-unreadable` if it is missing or not JSON. */
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

/** Result of validation: a manifest with defaults filled in, or all its problems. */
export type Validation =
  | { readonly manifest: Manifest }
  | {
      readonly problems: readonly Problem[]
      /**
       * A manifest of the valid sources alone, so that their inputs can be checked too; undefined
       * if no source is valid.
       */
      readonly readable: Manifest | undefined
    }

/** Validates everything that does not depend on the inputs, and returns all problems at once. */
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
    const names = shell.data.sources.map(({ name }) => name)
    const implied = await impliedEntries(filters, names, registry)
    return {
      manifest: withPaths(absolute, shell.data, plans, filterPlans([...implied, ...filters])),
    }
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

/** The source of an entry; empty if its options are invalid. */
function sourcePlan({ path, entry, component, options }: Entry<ConnectorComponent>): SourcePlan[] {
  return options
    ? [{ path, name: String(entry.name), type: component.name, component, options }]
    : []
}

/**
 * Entries of the filters that run by default and that the manifest does not name. One that it only
 * switches off for some sources runs for the others.
 */
async function impliedEntries(
  named: readonly Entry<AnyFilterComponent>[],
  sources: readonly string[],
  registry: Registry,
): Promise<Entry<AnyFilterComponent>[]> {
  const implied: Entry<AnyFilterComponent>[] = []
  for (const type of registry.byDefault ?? []) {
    const entries = named.filter(({ component }) => component.name === type)
    if (entries.some(isEnabled)) continue
    const off = entries.flatMap(({ entry }) => (entry.sources as string[] | undefined) ?? sources)
    const left = sources.filter((name) => !off.includes(name))
    if (left.length === 0) continue
    const component = await loadComponent(registry.filters, type, 'filter')
    const entry = { type, ...(entries.length > 0 ? { sources: left } : {}) }
    const options = component.options.parse({})
    implied.push({ path: `filters (${type} by default)`, entry, component, options })
  }
  return implied
}

const isEnabled = ({ entry }: Entry<AnyFilterComponent>): boolean => entry.enabled !== false

function filterPlans(entries: readonly Entry<AnyFilterComponent>[]): FilterPlan[] {
  const seen = new Map<string, number>()
  return entries.filter(isEnabled).map(({ component, entry, options = {} }) => {
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

/** Throws a `manifest-invalid` error that lists all problems. */
export function throwProblems(path: string, problems: readonly Problem[]): never {
  const lines = problems.map(({ path: place, message, nearest }) => {
    return `  ${place || '(file)'}: ${message}${nearest ? ` — did you mean "${nearest}"?` : ''}`
  })
  const count = `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`
  throw new EtlError('manifest-invalid', { where: path, what: `${count}\n${lines.join('\n')}` })
}

interface Entry<T> {
  readonly path: string
  readonly entry: Readonly<Record<string, unknown>>
  readonly component: T
  /** With defaults filled in; undefined if they are invalid. */
  readonly options: Readonly<Record<string, unknown>> | undefined
}

/**
 * Validates each entry of `sources` or `filters` against the schema of its component. Returns the
 * entries of known type and adds what is wrong to `problems`.
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
    // The schema of an entry has no rules between options, but the component's own schema may have.
    const whole = component.options.safeParse(options)
    if (!whole.success) problems.push(...problemsOf(whole.error, schema, entry, [key, index]))
    known.push({ path, entry, component, options: whole.success ? options : undefined })
  }
  return known
}

/** The raw entries of one list of the manifest; empty if there is no such list. */
function listIn(manifest: unknown, key: 'sources' | 'filters'): unknown[] {
  return isObject(manifest) && Array.isArray(manifest[key]) ? (manifest[key] as unknown[]) : []
}

/**
 * The strict schema of one manifest entry: its type, the keys common to all entries, and the
 * options of the component.
 */
export function entrySchema(
  component: ConnectorComponent | AnyFilterComponent,
  common: Readonly<Record<string, z.ZodType>>,
): z.ZodObject {
  const type = z.literal(component.name).describe(component.summary)
  return z.strictObject({ ...common, type, ...component.options.shape })
}

/**
 * The names of all sources and the positions of their entries, including entries that are otherwise
 * invalid.
 */
function namedSources(manifest: unknown): { path: string; name: string }[] {
  return listIn(manifest, 'sources').flatMap((entry, index) =>
    isObject(entry) && typeof entry.name === 'string'
      ? [{ path: `sources[${index}]`, name: entry.name }]
      : [],
  )
}

/** Checks the rules between entries: unique source names, existing sources, corpus filters last. */
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
  const lastRow = filters.findLastIndex(
    (entry) => entry.component.level === 'row' && isEnabled(entry),
  )
  for (const [index, { path, component, entry }] of filters.entries()) {
    if (component.level === 'corpus' && index < lastRow) {
      const message = `"${component.name}" needs all documents: move it after the row filters`
      problems.push({ path, message })
    }
    for (const [key, source] of sourcesNamedIn(entry)) {
      if (names.has(source)) continue
      const nearest = nearestName(source, [...names])
      problems.push({
        path: `${path}.${key}`,
        message: `no source "${source}"`,
        ...(nearest ? { nearest } : {}),
      })
    }
  }
  return problems
}

/**
 * The names of sources in a filter's entry, each with its key: those of `sources`, and the keys of
 * the option `bySource`, by which any filter may have settings for single sources.
 */
function sourcesNamedIn({ sources, bySource }: Readonly<Record<string, unknown>>) {
  const listed = Array.isArray(sources) ? sources.map(String) : []
  const set = isObject(bySource) ? Object.keys(bySource) : []
  return [
    ...listed.map((name) => ['sources', name] as const),
    ...set.map((name) => ['bySource', name] as const),
  ]
}

function dedupe(problems: readonly Problem[]): Problem[] {
  return [
    ...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values(),
  ]
}
