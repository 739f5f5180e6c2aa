/**
 * Commands that leave nothing behind, with what belongs to them: `s` a star, `o` an option in brackets, `m` an
 * argument. What is not listed disappears as well, but its arguments stay as text.
 */
const DROPPED_BY_SHAPE: Readonly<Record<string, string>> = {
  som: `vspace hspace includegraphics plotone psfig epsfig epsfbox epsffile plotfiddle special input@path
    thanks author affil affiliation altaffiliation altaffilmark altaffiltext address email date institute
    authorrunning titlerunning shorttitle shortauthors shortauthor correspondingauthor corrauth ead authorinfo orcid
    keywords subjectheadings pacs preprint received accepted published revised submitted journal journalinfo volume
    received@ correspauthor offprints inst authorhead lefthead righthead markboth slugcomment keyword subjclass
    bibliographystyle bibliography addbibresource bibitem nocite
    documentclass documentstyle pagestyle thispagestyle pagenumbering setcounter@ hypersetup graphicspath geometry
    hyphenation color rule@ raisebox scalebox resizebox@ rotatebox phantom hphantom vphantom footnotetext tnotetext
    tablehead tablewidth tablecolumns tabletypesize tablenotetext tablerefs tablecomments colhead startdata
    newcounter stepcounter refstepcounter arabic alph Alph roman Roman value newlength newsavebox usetikzlibrary captionsetup definecolor@ tikzset pgfplotsset lstset sisetup
    captionof tnoteref fnref corref cortext href textcolor colorbox linespread hskip@ index pdfbookmark vskip@
    acronymstyle glsresetall allowdisplaybreaks bibinfo selectlanguage foreignlanguage fontsize@ DeclareGraphicsExtensions`,
  somm: `setlength addtolength setcounter addtocounter rule definecolor resizebox fontsize altaffiltext@
    DeclareUnicodeCharacter titleformat@ graphicsPath@ plottwo numberwithin addcontentsline@ theoremstyle@ markright@`,
  sommm: 'addcontentsline titlespacing',
}

const DROPPED = new Map<string, string>()
for (const [shape, names] of Object.entries(DROPPED_BY_SHAPE)) {
  for (const name of names.split(/\s+/)) if (!name.endsWith('@')) DROPPED.set(name, shape)
}

/** Pointers into the bibliography and to places in the paper. */
const REFERENCE =
  /^(?:[A-Za-z]*[cC]ite[a-z]*(?:author|year|year[a-z]*)?\*?|(?:|eq|page|auto|name|c|C|v|f|F|sub|th|cpage)ref|crefrange|Crefrange|label|zlabel|pageref|autoref|nameref)$/

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
