import type { z } from 'zod'
import { connectors } from '../connectors/index.ts'
import { filters } from '../filters/index.ts'
import { backends, parts } from '../plugins/index.ts'
import type { Component } from './core/component.ts'
import type { Registry } from './engine/plan/registry.ts'

/** The only file that knows every component that comes with the package. */

/** Every connector and filter that comes with the package; texts are repaired by default. */
export const registry: Registry = { connectors, filters, byDefault: ['normalise'] }

/** Every training backend that comes with the package, and every part that is set up on demand. */
export { backends, parts }

/** A component of any family, as `etl list` shows it. */
export interface ListedComponent {
  readonly family: 'connector' | 'filter' | 'backend'
  readonly component: Component<z.ZodObject, unknown> & { readonly level?: string }
}

/** Loads all components: connectors, filters, then backends, each in alphabetical order. */
export async function listComponents(): Promise<ListedComponent[]> {
  const listed: ListedComponent[] = []
  for (const load of Object.values(connectors)) {
    listed.push({ family: 'connector', component: await load() })
  }
  for (const load of Object.values(filters)) {
    listed.push({ family: 'filter', component: await load() })
  }
  for (const load of Object.values(backends)) {
    listed.push({ family: 'backend', component: await load() })
  }
  return listed
}
