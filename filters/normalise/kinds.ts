/** Kinds of repair: the measures of the filter. */
export const REPAIRS = [
  'entities',
  'mojibake',
  'lineEnds',
  'bidiControls',
  'invisible',
  'presentationForms',
  'tatweel',
  'composed',
] as const
export type Repair = (typeof REPAIRS)[number]

/** How many repairs a text took, by kind. */
export type Counts = Record<Repair, number>

/** The bit of a kind of repair in a set of kinds. */
export function bitOf(kind: Repair): number {
  return 1 << REPAIRS.indexOf(kind)
}

/** The set of all kinds. */
export const ALL = (1 << REPAIRS.length) - 1
