import { VERBATIM } from './comments.ts'

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/))

/** Environments kept as TeX, from `\begin` to `\end`. */
const DISPLAYED = words(
  'equation align eqnarray gather multline flalign alignat displaymath dmath IEEEeqnarray xalignat darray empheq',
)

/** Whether this environment is displayed or inline maths; undefined if it is not maths. */
export function mathsOf(name: string): 'display' | 'inline' | undefined {
  const plain = name.endsWith('*') ? name.slice(0, -1) : name
  if (DISPLAYED.has(plain)) return 'display'
  return plain === 'math' ? 'inline' : undefined
}

/** Environments of which only captions are kept. */
const SILENT =
  words(`figure table wrapfigure wraptable floatingfigure sidewaysfigure sidewaystable deluxetable planotable
  tabular tabularx tabulary tabu supertabular longtable longtabu tabbing array picture tikzpicture pgfpicture pspicture
  overpic axis scope asy forest thebibliography references filecontents CCSXML keyword keywords acronym scaletable
  lrbox subfigure subtable algorithm algorithmic algorithm2e tablenotes threeparttable`)

/** Whether only captions of this environment are kept. */
export const isSilent = (name: string): boolean =>
  SILENT.has(name.endsWith('*') ? name.slice(0, -1) : name)

const ARGUMENTS: Readonly<Record<string, string>> = {
  tabular: 'om',
  'tabular*': 'mom',
  tabularx: 'mom',
  tabulary: 'mom',
  longtable: 'om',
  supertabular: 'm',
  array: 'om',
  wrapfigure: 'omom',
  wraptable: 'omom',
  deluxetable: 'om',
  'deluxetable*': 'om',
  planotable: 'm',
  minipage: 'ooom',
  adjustbox: 'm',
  multicols: 'm',
  thebibliography: 'm',
  list: 'mm',
  spacing: 'm',
  subfigure: 'om',
  minted: 'om',
  CJK: 'mm',
}

/** Arguments between `\begin{…}` and the content, in the notation of commands.ts: `s`, `o`, `m`. */
export const environmentArguments = (name: string): string =>
  Object.hasOwn(ARGUMENTS, name) ? (ARGUMENTS[name] ?? 'o') : 'o'

const LISTS: Readonly<Record<string, 'bullets' | 'numbers'>> = {
  itemize: 'bullets',
  compactitem: 'bullets',
  description: 'bullets',
  list: 'bullets',
  trivlist: 'bullets',
  enumerate: 'numbers',
  compactenum: 'numbers',
}

/** The kind of list that this environment is; undefined if it is none. */
export function listOf(name: string): 'bullets' | 'numbers' | undefined {
  return Object.hasOwn(LISTS, name) ? LISTS[name] : undefined
}

const TITLED: Readonly<Record<string, string>> = {
  abstract: '## Abstract',
  onecolabstract: '## Abstract',
  acknowledgments: '## Acknowledgments',
  acknowledgements: '## Acknowledgements',
}

/** The Markdown heading of an environment, undefined if it has none. */
export function headingOfEnvironment(name: string): string | undefined {
  return Object.hasOwn(TITLED, name) ? TITLED[name] : undefined
}

const STATEMENTS = words(
  'theorem lemma proposition corollary definition remark example proof claim conjecture question problem',
)

/**
 * The word that a statement begins with unless the paper names it; undefined if this is no
 * statement.
 */
export function statementOf(name: string): string | undefined {
  return STATEMENTS.has(name) ? (name[0] ?? '').toUpperCase() + name.slice(1) : undefined
}

/** Whether an environment has a fixed meaning here, which a paper cannot redefine. */
export function isKnownEnvironment(name: string): boolean {
  if (mathsOf(name) || listOf(name) || headingOfEnvironment(name)) return true
  return isSilent(name) || name === 'document' || (VERBATIM as readonly string[]).includes(name)
}
