import type { Document } from '../../src/core/document.ts'
import { type LatexText, latexFragment } from '../../src/text/latex/convert.ts'
import { licenseName, type Paper } from './paper.ts'

/** arXiv dedicates its metadata, abstracts included, to the public domain. */
const METADATA_LICENSE = 'CC0-1.0'

/** A document of title and abstract, which may always be redistributed. */
export function abstractDocument(paper: Paper): Document {
  const text = `# ${titleOf(paper)}\n\n${abstractOf(paper)}`
  return { ...describe(paper), text, kind: 'prose', license: METADATA_LICENSE }
}

/** A document of the full text. Title and abstract come from the metadata if the TeX has none. */
export function paperDocument(paper: Paper, latex: LatexText): Document {
  const { title = titleOf(paper), body, hasAbstract, missing } = latex
  const abstract = hasAbstract ? '' : `## Abstract\n\n${abstractOf(paper)}\n\n`
  const described = describe(paper)
  return {
    ...described,
    text: `# ${title}\n\n${abstract}${body}`,
    kind: 'mixed',
    license: licenseName(paper.license ?? ''),
    metadata: {
      ...described.metadata,
      ...(missing.length > 0 ? { missing_files: [...missing] } : {}),
    },
  }
}

const titleOf = ({ title }: Paper): string => latexFragment(title).replace(/\s+/g, ' ').trim()

/** The abstract as text. In arXiv's abstracts an indented line starts a paragraph. */
const abstractOf = ({ abstract }: Paper): string =>
  latexFragment(abstract.trim().replace(/\n[ \t]+/g, '\n\n'))

function describe(paper: Paper): Omit<Document, 'text' | 'kind'> {
  const { id, version, authors, categories, license, doi, journal, created, revised } = paper
  const names = latexFragment(authors).replace(/\s+/g, ' ').trim()
  return {
    key: id,
    url: `https://arxiv.org/abs/${id}${version === undefined ? '' : `v${version}`}`,
    ...(names === '' ? {} : { author: names }),
    ...(created === undefined ? {} : { created }),
    ...(revised === undefined ? {} : { revised }),
    metadata: {
      arxiv_id: id,
      categories: [...categories],
      ...(categories[0] === undefined ? {} : { primary_category: categories[0] }),
      ...(version === undefined ? {} : { version }),
      ...(license === undefined ? {} : { paper_license: licenseName(license) }),
      ...(doi === undefined ? {} : { doi }),
      ...(journal === undefined ? {} : { journal_ref: journal }),
    },
  }
}
