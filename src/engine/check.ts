import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import type { ConnectorComponent } from '../core/connector.ts'
import { EtlError } from '../core/errors.ts'
import type { AnyFilterComponent } from '../core/filter.ts'
import { filterEntry, type ManifestShell, manifestSchema, sourceEntry } from './manifest.ts'
import { type Lazy, nearestName, type Registry } from './registry.ts'

/** One thing wrong with a manifest. */
export interface Problem {
  /** Where in the manifest: `sources[1].input`; `''` for the file itself. */
  readonly path: string
  /** What is wrong, with the value. */
  readonly message: string
  /** The nearest valid name, for unknown keys and names. */
  readonly nearest?: string
}

export interface SourcePlan {
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
    throw new EtlError('manifest-unreadable', { where: path, what: `not valid JSON: ${what}`, cause })
  }
}

/**
 * Validates everything that can be said without reading input: all problems at once, or the manifest with defaults
 * filled in.
 */
export async function validateManifest(
  value: unknown,
  path: string,
  registry: Registry,
): Promise<{ problems: Problem[] } | { manifest: Manifest }> {
  const shell = manifestSchema.safeParse(value)
  const problems = shell.success ? [] : problemsOf(shell.error, manifestSchema, value, [])
  const sources = await entries(value, 'sources', registry.connectors, sourceEntry, 'connector', problems)
  const filters = await entries(value, 'filters', registry.filters, filterEntry, 'filter', problems)
  problems.push(...crossProblems(sources, filters))
  if (!shell.success || problems.length > 0) return { problems: dedupe(problems) }

  const folder = dirname(resolve(path))
  const seen = new Map<string, number>()
  const manifest: Manifest = {
    ...shell.data,
    path: resolve(path),
    folder,
    output: resolve(folder, shell.data.output),
    sources: sources.map(({ entry, component, options }) => ({
      name: String(entry.name),
      type: component.name,
      component,
      options,
    })),
    filters: filters.map(({ component, entry, options }) => {
      const count = (seen.get(component.name) ?? 0) + 1
      seen.set(component.name, count)
      return {
        name: count === 1 ? component.name : `${component.name}#${count}`,
        type: component.name,
        component,
        options,
        sources: entry.sources as readonly string[] | undefined,
      }
    }),
  }
  return { manifest }
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
  readonly options: Readonly<Record<string, unknown>>
}

/** Validates each entry of `sources` or `filters` against the schema of its component. */
async function entries<T extends ConnectorComponent | AnyFilterComponent>(
  manifest: unknown,
  key: 'sources' | 'filters',
  components: Lazy<T>,
  common: Readonly<Record<string, z.ZodType>>,
  what: string,
  problems: Problem[],
): Promise<Entry<T>[]> {
  const list = isObject(manifest) && Array.isArray(manifest[key]) ? (manifest[key] as unknown[]) : []
  const valid: Entry<T>[] = []
  for (const [index, entry] of list.entries()) {
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
      continue
    }
    const options = Object.fromEntries(
      Object.entries(parsed.data).filter(([name]) => name !== 'type' && !(name in common)),
    )
    valid.push({ path, entry, component, options })
  }
  return valid
}

/** The strict schema of one manifest entry: type, common keys and the options of the component. */
export function entrySchema(
  component: ConnectorComponent | AnyFilterComponent,
  common: Readonly<Record<string, z.ZodType>>,
): z.ZodObject {
  const type = z.literal(component.name).describe(component.summary)
  return z.strictObject({ ...common, type, ...component.options.shape })
}

/** Rules between entries: unique source names, existing sources, corpus filters last. */
function crossProblems(
  sources: readonly Entry<ConnectorComponent>[],
  filters: readonly Entry<AnyFilterComponent>[],
): Problem[] {
  const problems: Problem[] = []
  const names = new Set<string>()
  for (const { path, entry } of sources) {
    if (names.has(String(entry.name))) {
      problems.push({ path: `${path}.name`, message: `"${entry.name}" is used twice; ids would clash` })
    }
    names.add(String(entry.name))
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
      problems.push({ path: `${path}.sources`, message: `no source "${source}"`, ...(nearest ? { nearest } : {}) })
    }
  }
  return problems
}

/** zod's issues as problems, unknown keys one by one with the nearest valid name. */
function problemsOf(
  error: z.ZodError,
  schema: z.ZodObject,
  value: unknown,
  base: readonly (string | number)[],
): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const path = [...base, ...issue.path]
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, issue.path)
      return issue.keys.map((key) => {
        const nearest = nearestName(key, known)
        return { path: pathText([...path, key]), message: 'unknown key', ...(nearest ? { nearest } : {}) }
      })
    }
    const found = valueAt(value, issue.path)
    const shown = found === undefined ? 'missing' : `found ${short(found)}`
    return [{ path: pathText(path), message: `${issue.message} (${shown})` }]
  })
}

/** Names valid at a path of a schema, looking through defaults and optionals. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let inner: unknown = schema
  for (const key of [...path, undefined]) {
    while (isObject(inner) && !('shape' in inner)) {
      const { def } = inner as { def?: { innerType?: unknown; element?: unknown } }
      inner = def?.innerType ?? def?.element
    }
    if (key === undefined || inner === undefined) break
    if (typeof key === 'string') inner = (inner as z.ZodObject).shape[key]
  }
  return isObject(inner) && 'shape' in inner ? Object.keys(inner.shape as object) : []
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (isObject(inner) || Array.isArray(inner) ? inner[key as never] : undefined),
    value,
  )
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text ? `${text}.${String(key)}` : String(key)
  }, '')
}

function short(value: unknown): string {
  const text = canonicalJson(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function dedupe(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem])).values()]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
