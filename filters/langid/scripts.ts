import { type CharacterTable, characterTable } from '../../src/kernels/characters/characters.ts'

/**
 * Letters that distinguish the languages written in Arabic script. A letter of several languages is
 * listed with the one it is most typical of. `shared` letters count as foreign to Arabic without
 * naming a language.
 */
const NEIGHBOUR_LETTERS = {
  fa: 'پچژگ',
  ur: 'ٹڈڑےںہۃۂۓ',
  ckb: 'ڕڵۆێ',
  ps: 'ټډړښږڼځڅۍ',
  ms: 'ڠݢڽۏ',
  ug: 'ۇۈۋڭ',
  sd: 'ڄڃڇڏڌڍڊڙڦڪڳڱڻٻڀٺٽ',
  shared: 'ەېڤھ',
} as const
const NEIGHBOURS = Object.keys(NEIGHBOUR_LETTERS) as (keyof typeof NEIGHBOUR_LETTERS)[]

/**
 * Persian forms of yeh and kaf. In Arabic text they are often only the keyboard's, so they do not
 * count.
 */
const KEYBOARD_LETTERS = /[\u06a9\u06cc]+/gu
/** The letters of the Arabic language, with alef wasla. */
const ARABIC_LETTERS = /[\u0621-\u063a\u0641-\u064a\u0671]+/gu

const CLASS = { arabic: 0, latin: 1, otherLetter: 2, neighbour: 3 } as const
const SIZE = CLASS.neighbour + NEIGHBOURS.length + 2
/** Arabic-script letters of none of the languages named here. */
const OTHER_ARABIC = SIZE - 2

/** The classes `scriptShares` reads. */
export function letterTable(): CharacterTable {
  return characterTable(SIZE, [
    { value: CLASS.otherLetter, pattern: /\p{L}+/gu },
    { value: CLASS.latin, pattern: /\p{Script=Latin}+/gu, over: CLASS.otherLetter },
    { value: OTHER_ARABIC, pattern: /\p{Script=Arabic}+/gu, over: CLASS.otherLetter },
    { value: CLASS.arabic, pattern: ARABIC_LETTERS },
    { value: CLASS.arabic, pattern: KEYBOARD_LETTERS },
    ...NEIGHBOURS.map((name, i) => ({
      value: CLASS.neighbour + i,
      pattern: new RegExp(`[${NEIGHBOUR_LETTERS[name]}]+`, 'gu'),
    })),
  ])
}

/** What the letters of a text reveal about its language. */
export interface Scripts {
  readonly letters: number
  /** Of all letters. */
  readonly arabicShare: number
  readonly latinShare: number
  /**
   * Share of Arabic-script letters that the Arabic language does not have; 0 below three of them.
   */
  readonly foreignShare: number
  /** The language the foreign letters indicate, `''` if none. */
  readonly neighbour: string
}

/** Fewest foreign letters that count; a loanword or a typing error has one or two. */
const FEWEST_FOREIGN_LETTERS = 3

/** Reads the counts of `letterTable`. */
export function scriptsOf(counts: Uint32Array): Scripts {
  const at = (index: number): number => counts[index] ?? 0
  let foreign = at(OTHER_ARABIC)
  for (let i = 0; i < NEIGHBOURS.length; i++) foreign += at(CLASS.neighbour + i)
  const arabic = at(CLASS.arabic) + foreign
  const letters = arabic + at(CLASS.latin) + at(CLASS.otherLetter)
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)
  const isForeign = foreign >= FEWEST_FOREIGN_LETTERS
  return {
    letters,
    arabicShare: share(arabic, letters),
    latinShare: share(at(CLASS.latin), letters),
    foreignShare: isForeign ? share(foreign, arabic) : 0,
    neighbour: isForeign ? likeliestNeighbour(counts) : '',
  }
}

function likeliestNeighbour(counts: Uint32Array): string {
  const named = NEIGHBOURS.map((name, i) => ({ name, count: counts[CLASS.neighbour + i] ?? 0 }))
  const top = named
    .filter(({ name }) => name !== 'shared')
    .reduce((a, b) => (b.count > a.count ? b : a))
  return top.count > 0 ? top.name : 'und'
}
