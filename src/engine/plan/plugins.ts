import { readFile, stat } from 'node:fs/promises'
import { dirname, join, parse, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Component } from '../../core/component.ts'
import { EtlError } from '../../core/errors.ts'
import type { Registry } from './registry.ts'

/** What a plug-in module exports, by any name: connectors and filters. */
type Exported = Component<z.ZodObject, unknown> & { readonly level?: string }

/**
 * The built-in components and those of the manifest's `plugins`. Each is a path relative to the
 * manifest, or a package in a `node_modules` of the manifest's folder, of the working folder or of
 * a folder above them. Built-in names cannot be taken over.
 */
export async function withPlugins(
  builtIn: Registry,
  manifest: unknown,
  path: string,
): Promise<Registry> {
  const listed = z.looseObject({ plugins: z.array(z.string()) }).safeParse(manifest)
  if (!listed.success || listed.data.plugins.length === 0) return builtIn
  const connectors = { ...builtIn.connectors }
  const filters = { ...builtIn.filters }
  for (const [index, plugin] of listed.data.plugins.entries()) {
    for (const component of await componentsOf(plugin, dirname(resolve(path)), index)) {
      const family: Record<string, () => Promise<unknown>> =
        component.level === undefined ? connectors : filters
      if (component.name in family) {
        throw new EtlError('manifest-invalid', {
          where: `plugins[${index}]`,
          what: `"${component.name}" exists already`,
        })
      }
      family[component.name] = () => Promise.resolve(component)
    }
  }
  return { ...builtIn, connectors, filters }
}

async function componentsOf(plugin: string, folder: string, index: number): Promise<Exported[]> {
  const where = `plugins[${index}]`
  try {
    const file = await findPlugin(plugin, folder)
    const exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>
    const found = Object.values(exported).filter(isComponent)
    if (found.length > 0) return found
  } catch (cause) {
    const what = `"${plugin}" cannot be loaded: ${cause instanceof Error ? cause.message : cause}`
    throw new EtlError('manifest-invalid', { where, what, cause })
  }
  throw new EtlError('manifest-invalid', {
    where,
    what: `"${plugin}" exports no connector or filter`,
  })
}

function isComponent(value: unknown): value is Exported {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'options' in value &&
    'create' in value
  )
}

/**
 * The module of a plug-in: a file, or the entry of a package folder. Throws with every place tried.
 */
async function findPlugin(plugin: string, folder: string): Promise<string> {
  const beside = resolve(folder, plugin)
  const isPath = /^\.{0,2}[/\\]/.test(plugin) || plugin === '.' || plugin === '..'
  const places = isPath
    ? [beside]
    : [beside, ...packageFolders(plugin, folder), ...packageFolders(plugin, process.cwd())]
  for (const place of places) {
    const found = await stat(place).catch(() => undefined)
    if (found?.isFile()) return place
    if (found?.isDirectory()) return packageEntry(place)
  }
  throw new Error(`not found as ${[...new Set(places)].join(', ')}`)
}

/**
 * Where Node would look for a package from a folder: `node_modules` there and in every folder
 * above.
 */
function packageFolders(name: string, folder: string): string[] {
  const { root } = parse(folder)
  const folders: string[] = []
  for (let at = folder; ; at = dirname(at)) {
    folders.push(join(at, 'node_modules', name))
    if (at === root) return folders
  }
}

/**
 * The file that `import` of a package loads. `require.resolve` finds no package that is only ES
 * modules, and Node 20 resolves no `import` for another folder.
 */
async function packageEntry(folder: string): Promise<string> {
  const path = join(folder, 'package.json')
  const text = await readFile(path, 'utf8').catch(() => '{}')
  const { exports, main } = JSON.parse(text) as { exports?: unknown; main?: unknown }
  const entry = exportedEntry(exports) ?? (typeof main === 'string' ? main : 'index.js')
  return join(folder, entry)
}

/** The target of `.` in a package's `exports`, by the first condition that holds for `import`. */
function exportedEntry(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return undefined
  for (const [key, value] of Object.entries(exports)) {
    if (!['.', 'node', 'import', 'default'].includes(key)) continue
    const entry = exportedEntry(value)
    if (entry !== undefined) return entry
  }
  return undefined
}
