/**
 * Commands that produce nothing, with what belongs to them: `s` a star, `o` an option in brackets,
 * `m` an argument. Commands that are not listed disappear too, but their arguments stay as text.
 */
const DROPPED_BY_SHAPE: Readonly<Record<string, string>> = {
  som: `vspace hspace includegraphics plotone psfig epsfig epsfbox epsffile plotfiddle special
    thanks author affil affiliation altaffiliation altaffilmark address email date institute
    authorrunning titlerunning shorttitle shortauthors shortauthor correspondingauthor corrauth ead authorinfo orcid
    keywords subjectheadings pacs preprint received accepted published revised submitted journal journalinfo volume
    correspauthor offprints inst authorhead lefthead righthead markboth slugcomment keyword subjclass
    bibliographystyle bibliography addbibresource bibitem nocite
    documentclass documentstyle pagestyle thispagestyle pagenumbering hypersetup graphicspath geometry
    hyphenation color raisebox scalebox rotatebox phantom hphantom vphantom footnotetext tnotetext
    tablehead tablewidth tablecolumns tabletypesize tablenotetext tablerefs tablecomments colhead startdata
    newcounter stepcounter refstepcounter arabic alph Alph roman Roman value newlength newsavebox
    usetikzlibrary captionsetup tikzset pgfplotsset lstset sisetup
    captionof tnoteref fnref corref cortext href textcolor colorbox linespread index pdfbookmark
    acronymstyle glsresetall allowdisplaybreaks bibinfo selectlanguage foreignlanguage DeclareGraphicsExtensions`,
  somm: `setlength addtolength setcounter addtocounter rule definecolor resizebox fontsize altaffiltext
    DeclareUnicodeCharacter plottwo numberwithin`,
  sommm: 'addcontentsline titlespacing',
}

const DROPPED = new Map<string, string>()
for (const [shape, names] of Object.entries(DROPPED_BY_SHAPE)) {
  for (const name of names.trim().split(/\s+/)) DROPPED.set(name, shape)
}

/**
 * References to the bibliography and within the paper: `\cite` and its many variants, `\eqref`,
 * `\label`.
 */
const REFERENCE =
  /[cC]ite|^(?:eq|page|auto|name|[cCvfF]|sub|th|cpage)?ref$|^[cC]refrange$|^z?label$/

/** Arguments of a command that produces nothing; undefined if it is not one. */
export const droppedArguments = (name: string): string | undefined => DROPPED.get(name)

/** Whether a command refers to the bibliography or to a place in the paper. */
export const isReference = (name: string): boolean => REFERENCE.test(name)

const SECTIONS: Readonly<Record<string, string>> = {
  part: '## ',
  chapter: '## ',
  section: '## ',
  subsection: '### ',
  subsubsection: '#### ',
  paragraph: '##### ',
  subparagraph: '##### ',
}

/** The Markdown before a heading; the single `#` is for the title of the paper. */
export function headingOf(name: string): string | undefined {
  return Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined
}

/** Commands that produce nothing in maths; all others stay as TeX. */
export const DROPPED_IN_MATHS: ReadonlySet<string> = new Set([
  'nonumber',
  'notag',
  'xspace',
  'displaystyle',
  'textstyle',
])
