import { DEFECT, DEFECTS, type Defect } from '../../src/kernels/defects/classes.ts'

/** Kinds of repair: the measures of the filter. */
export const REPAIRS = Object.keys(DEFECT) as readonly Repair[]
export type Repair = Defect

/** How many repairs a text took, by kind. */
export type Counts = Record<Repair, number>

/** The bit of a kind of repair in a set of kinds. */
export function bitOf(kind: Repair): number {
  return DEFECT[kind]
}

/** The set of all kinds. */
export const ALL = DEFECTS
