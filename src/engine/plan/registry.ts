import type { ConnectorComponent } from '../../core/connector.ts'
import { EtlError } from '../../core/errors.ts'
import type { AnyFilterComponent } from '../../core/filter.ts'

/** Components by name, each loaded on first use. */
export type Lazy<T> = Readonly<Record<string, () => Promise<T>>>

/** All components a run may use. They are passed to the engine, which knows none of them itself. */
export interface Registry {
  readonly connectors: Lazy<ConnectorComponent>
  readonly filters: Lazy<AnyFilterComponent>
  /**
   * Names of row filters that run first in the chain of every source, in this order, with default
   * options. A manifest that names one gives it another place, other options or switches it off.
   */
  readonly byDefault?: readonly string[]
}

/** Loads one component; throws `component-unknown` with the known names if there is none. */
export async function loadComponent<T>(
  components: Lazy<T>,
  name: string,
  what: string,
): Promise<T> {
  const load = components[name]
  if (load === undefined) {
    const known = Object.keys(components)
    const nearest = nearestName(name, known)
    throw new EtlError('component-unknown', {
      what: `there is no ${what} "${name}"${nearest ? `; did you mean "${nearest}"?` : ''}`,
      hint: `Known ${what}s: ${known.join(', ')}.`,
    })
  }
  return load()
}

/**
 * The known name closest to a mistyped one. Undefined if the edit distance of all of them exceeds a
 * third of the longer name, rounded up.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({
      candidate,
      distance: editDistance(name.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(
      ({ candidate, distance }) =>
        distance <= Math.max(1, Math.ceil(Math.max(candidate.length, name.length) / 3)),
    )
    .sort((a, b) => a.distance - b.distance)
  return ranked[0]?.candidate
}

/** Levenshtein distance in code units. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(
        Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1),
      )
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
