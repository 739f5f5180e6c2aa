/**
 * Commands that leave nothing behind, with what belongs to them: `s` a star, `o` an option in
 * brackets, `m` an argument. What is not listed disappears as well, but its arguments stay as text.
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
 * Pointers into the bibliography and to places in the paper: `\cite` and its many relatives,
 * `\eqref`, `\label`.
 */
const REFERENCE =
  /[cC]ite|^(?:eq|page|auto|name|[cCvfF]|sub|th|cpage)?ref$|^[cC]refrange$|^z?label$/

/** Arguments of a command that leaves nothing behind; undefined if it is not one. */
export const droppedArguments = (name: string): string | undefined => DROPPED.get(name)

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

/** The Markdown before a heading; the title of the paper has the single `#`. */
export function headingOf(name: string): string | undefined {
  return Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined
}

/** In maths these leave nothing behind; the rest stays as TeX. */
export const DROPPED_IN_MATHS: ReadonlySet<string> = new Set([
  'nonumber',
  'notag',
  'xspace',
  'displaystyle',
  'textstyle',
])
