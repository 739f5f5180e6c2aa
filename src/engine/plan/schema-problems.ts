import type { z } from 'zod'
import { canonicalJson } from '../../core/canonical-json.ts'
import { nearestName } from './registry.ts'

/** One thing wrong with a manifest. */
export interface Problem {
  /** Position in the manifest: `sources[1].input`; `''` for the file itself. */
  readonly path: string
  /** What is wrong, including the value. */
  readonly message: string
  /** The nearest valid name, for unknown keys and names. */
  readonly nearest?: string
}

/**
 * Converts the issues that zod found in `value` to problems: one per unknown key, with the nearest
 * valid name. `base` is the position of `value` in the manifest.
 */
export function problemsOf(
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
        return {
          path: pathText([...path, key]),
          message: 'unknown key',
          ...(nearest ? { nearest } : {}),
        }
      })
    }
    const found = valueAt(value, issue.path)
    const shown = found === undefined ? 'missing' : `found ${short(found)}`
    return [{ path: pathText(path), message: `${issue.message} (${shown})` }]
  })
}

/** Names of the keys valid at a path of a schema, inside defaults and optionals. */
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

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
