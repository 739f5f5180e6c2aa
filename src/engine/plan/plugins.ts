import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { Component } from '../../core/component.ts'
import { EtlError } from '../../core/errors.ts'
import type { Registry } from './registry.ts'

/** What a plug-in module exports, by any name: connectors and filters. */
type Exported = Component<z.ZodObject, unknown> & { readonly level?: string }

/**
 * The built-in components and those of the manifest's `plugins`: package names, or paths relative
 * to the manifest. Built-in names cannot be taken over.
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
    for (const component of await componentsOf(plugin, resolve(path), index)) {
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
  return { connectors, filters }
}

async function componentsOf(
  plugin: string,
  manifestPath: string,
  index: number,
): Promise<Exported[]> {
  const where = `plugins[${index}]`
  try {
    const isPath = plugin.startsWith('.') || plugin.startsWith('/')
    const file = isPath
      ? resolve(dirname(manifestPath), plugin)
      : createRequire(manifestPath).resolve(plugin)
    const found = Object.values(
      (await import(pathToFileURL(file).href)) as Record<string, unknown>,
    ).filter(isComponent)
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
