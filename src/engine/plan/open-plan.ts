import type { Storage } from '../../core/storage.ts'
import { localStorage } from '../../files/local-storage.ts'
import { type Manifest, readManifest, type Validation, validateManifest } from './check.ts'
import { makePlan, type Plan, type PlanContext } from './plan.ts'
import { withPlugins } from './plugins.ts'
import type { Registry } from './registry.ts'

/**
 * The only way from a manifest to a plan, used by `check`, `plan` and `run` and by every worker.
 */

/** A manifest as parsed from its file, and the result of validating it. */
export interface OpenedManifest {
  readonly raw: unknown
  readonly validation: Validation
}

/**
 * Reads a manifest file and validates it against all components, including those of its plug-ins.
 */
export async function openManifest(path: string, registry: Registry): Promise<OpenedManifest> {
  const raw = await readManifest(path)
  return { raw, validation: await validateWithPlugins(raw, path, registry) }
}

/** Validates a manifest that is already parsed. `path` is where its file is. */
export async function validateWithPlugins(
  raw: unknown,
  path: string,
  registry: Registry,
): Promise<Validation> {
  return validateManifest(raw, path, await withPlugins(registry, raw, path))
}

/**
 * Creates the components of a valid manifest. Warnings are dropped unless `context` handles them.
 */
export function openPlan(manifest: Manifest, context: Partial<PlanContext> = {}): Promise<Plan> {
  const storage: Storage = localStorage()
  const signal = new AbortController().signal
  return makePlan(manifest, { storage, signal, warn: () => undefined, ...context })
}
