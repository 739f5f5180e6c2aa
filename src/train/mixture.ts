import { EtlError } from '../core/errors.ts'
import type { TokenGroup } from '../core/tokens.ts'
import type { EvalSlice, MixtureComponent } from '../core/train-job.ts'
import type { TrainManifest } from './manifest.ts'

/**
 * Divides the groups among the entries of the mixture: each goes to the first entry that matches
 * it. Groups without a match are not used.
 */
export function resolveMixture(
  manifest: TrainManifest,
  train: readonly TokenGroup[],
  where: string,
): MixtureComponent[] {
  const entries = manifest.mixture.length > 0 ? manifest.mixture : [{ name: 'all', epochs: 1 }]
  const taken = new Set<string>()
  const pools = entries.map((entry) => {
    const groups = [
      ...new Set(train.filter((group) => matches(entry, group)).map(({ group }) => group)),
    ]
    const own = groups.filter((group) => !taken.has(group))
    for (const group of own) taken.add(group)
    const available = train
      .filter(({ group }) => own.includes(group))
      .reduce((sum, { tokens }) => sum + tokens, 0)
    if (available === 0) {
      throw new EtlError('job-invalid', {
        where,
        what: `mixture "${entry.name}" matches no text of the train split`,
      })
    }
    return { entry, groups: own, available }
  })
  const fixed = pools.map(({ entry, available }) =>
    'weight' in entry && entry.weight !== undefined
      ? undefined
      : ('tokens' in entry && entry.tokens) || Math.round(available * (entry.epochs ?? 1)),
  )
  const weights = pools.map(({ entry }) => ('weight' in entry ? (entry.weight ?? 0) : 0))
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0)
  const fixedSum = fixed.reduce<number>((sum, tokens) => sum + (tokens ?? 0), 0)
  const weighted = pools.reduce(
    (sum, { available }, index) => sum + (weights[index] ? available : 0),
    0,
  )
  const rest = manifest.tokens === undefined ? weighted : Math.max(0, manifest.tokens - fixedSum)
  const tokens = pools.map(
    (_, index) => fixed[index] ?? Math.round((rest * (weights[index] ?? 0)) / weightSum),
  )
  const sum = tokens.reduce((all, one) => all + one, 0)
  // With a total and no weights, all entries are scaled to it.
  const scale = manifest.tokens !== undefined && weightSum === 0 ? manifest.tokens / sum : 1
  return pools.map(({ entry, groups, available }, index) => ({
    name: entry.name,
    groups,
    available,
    tokens: Math.max(1, Math.round((tokens[index] ?? 0) * scale)),
  }))
}

/**
 * Repeats a mixture without given amounts until a model of the preset has enough tokens to learn
 * from.
 */
export function repeated(
  manifest: TrainManifest,
  once: MixtureComponent[],
  leastTokens: number,
): MixtureComponent[] {
  const isOpen =
    manifest.tokens === undefined &&
    manifest.mixture.every(({ epochs, tokens }) => !(epochs || tokens))
  const times = leastTokens / sumOf(once)
  if (!isOpen || times <= 1) return once
  return once.map((component) => ({ ...component, tokens: Math.round(component.tokens * times) }))
}

export const sumOf = (mixture: readonly MixtureComponent[]): number =>
  mixture.reduce((sum, { tokens }) => sum + tokens, 0)

function matches(
  { sources, languages, kinds }: MixtureEntry,
  { source, lang, kind }: TokenGroup,
): boolean {
  if (sources && !sources.includes(source)) return false
  if (languages && !languages.includes(lang || 'und')) return false
  return !kinds || kinds.includes(kind)
}

/**
 * Frozen held-out slices: ar, en, code and the rest. They come from the eval split, or from test if
 * eval is empty.
 */
export function evalSlices(groups: readonly TokenGroup[], tokens: number): EvalSlice[] {
  const split = groups.some((group) => group.split === 'eval') ? 'eval' : 'test'
  const own = groups.filter((group) => group.split === split)
  const names = ['ar', 'en', 'code', 'other']
  const sliceOf = ({ kind, lang }: TokenGroup): string =>
    kind === 'code' ? 'code' : lang === 'ar' || lang === 'en' ? lang : 'other'
  return names.flatMap((name) => {
    const members = [
      ...new Set(own.filter((group) => sliceOf(group) === name).map(({ group }) => group)),
    ]
    return members.length > 0 ? [{ name, split, groups: members, tokens }] : []
  })
}

export type MixtureEntry = Partial<
  Pick<TrainManifest['mixture'][number], 'sources' | 'languages' | 'kinds'>
>
