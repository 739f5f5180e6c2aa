import type { Storage } from '../../core/storage.ts'
import { localStorage } from '../../files/local-storage.ts'
import { type Manifest, readManifest, type Validation, validateManifest } from './check.ts'
import { makePlan, type Plan, type PlanContext } from './plan.ts'
import { withPlugins } from './plugins.ts'
import type { Registry } from './registry.ts'

/** The one way from a manifest to a plan: for `check`, `plan` and `run`, and for every worker. */

/** A manifest as it stands in its file, and what validating it found. */
export interface OpenedManifest {
  readonly raw: unknown
  readonly validation: Validation
}

/** Reads a manifest file and validates it against all components, those of its plug-ins included. */
export async function openManifest(path: string, registry: Registry): Promise<OpenedManifest> {
  const raw = await readManifest(path)
  return { raw, validation: await validateWithPlugins(raw, path, registry) }
}

/** Validates a manifest that was read before. `path` is where it lies. */
export async function validateWithPlugins(
  raw: unknown,
  path: string,
  registry: Registry,
): Promise<Validation> {
  return validateManifest(raw, path, await withPlugins(registry, raw, path))
}

/** Makes the components of a valid manifest. Warnings go nowhere unless `context` says where. */
export function openPlan(manifest: Manifest, context: Partial<PlanContext> = {}): Promise<Plan> {
  const storage: Storage = localStorage()
  const signal = new AbortController().signal
  return makePlan(manifest, { storage, signal, warn: () => undefined, ...context })
}
