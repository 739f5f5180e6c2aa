import { StringDecoder } from 'node:string_decoder'
import { Parser } from 'htmlparser2'
import { EtlError } from '../../src/core/errors.ts'
import { isArxivId, isoDate, type Paper, saysWithdrawn } from './paper.ts'
import { versionNumber } from './snapshot.ts'

/** A `<record>` of an OAI-PMH response: a paper, or the reason why it is skipped. */
export type OaiRecord = Paper | string

/** Elements whose text is kept. */
const FIELDS = new Set(
  `id created updated title categories comments journal-ref doi license abstract
  keyname forenames suffix date source_type authors identifier`.split(/\s+/),
)

/** Limit for the text of one record, in characters. */
const MAX_RECORD_CHARACTERS = 1 << 20

interface Draft {
  readonly fields: Map<string, string>
  readonly authors: string[]
  /** Number, date and source type of each version. */
  readonly versions: { number: string | undefined; date: string; type: string }[]
  format: string
  characters: number
}

/**
 * Yields the records of OAI-PMH responses in the formats `arXiv` and `arXivRaw`, in order. A lone
 * `<record>` is accepted too. Only the entities of XML itself are resolved, so nothing outside the
 * file can be referenced. A file that ends inside an element is an `input-corrupt` error after the
 * records before it.
 */
export async function* oaiRecords(
  chunks: AsyncIterable<Uint8Array>,
  where: string,
): AsyncIterable<OaiRecord> {
  const reader = recordReader(where)
  const decoder = new StringDecoder('utf8')
  let failure: unknown
  for await (const chunk of chunks) {
    try {
      reader.write(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)))
    } catch (error) {
      failure = error
    }
    yield* reader.take()
    if (failure) throw failure
  }
  reader.end()
}

function recordReader(where: string) {
  let done: OaiRecord[] = []
  let draft: Draft | undefined
  let text: string[] | undefined
  let depth = 0
  const corrupt = (what: string): EtlError => new EtlError('input-corrupt', { where, what })
  const parser = new Parser(
    {
      onprocessinginstruction(name) {
        if (name.toLowerCase() !== '!doctype') return
        throw new EtlError('input-unsupported', {
          where,
          what: 'it has a DOCTYPE, which OAI-PMH responses never have',
        })
      },
      onopentag(name, attributes) {
        if (++depth > MAX_DEPTH) throw corrupt(`elements nested deeper than ${MAX_DEPTH}`)
        const local = localName(name)
        if (local === 'record')
          draft = { fields: new Map(), authors: [], versions: [], format: '', characters: 0 }
        else if (!draft) return
        else if (local === 'arXiv' || local === 'arXivRaw' || local === 'dc') draft.format = local
        else if (local === 'version')
          draft.versions.push({ number: attributes.version, date: '', type: '' })
        else if (local === 'author') draft.authors.push('')
        if (FIELDS.has(local)) text = []
      },
      ontext(piece) {
        if (!text || !draft) return
        draft.characters += piece.length
        if (draft.characters <= MAX_RECORD_CHARACTERS) text.push(piece)
      },
      onclosetag(name) {
        depth--
        const local = localName(name)
        if (local === 'record' && draft) {
          done.push(paperOf(draft))
          draft = undefined
        } else if (draft && text && FIELDS.has(local)) {
          setField(draft, local, text.join('').trim())
          text = undefined
        }
      },
    },
    { xmlMode: true },
  )
  const take = (): OaiRecord[] => {
    const taken = done
    done = []
    return taken
  }
  const end = (): void => {
    if (depth > 0) throw corrupt('the file ends inside an element')
  }
  return { write: (piece: string) => parser.write(piece), end, take }
}

const MAX_DEPTH = 1000

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

function setField({ fields, authors, versions }: Draft, name: string, value: string): void {
  const version = versions.at(-1)
  if (name === 'date' && version) version.date = value
  else if (name === 'source_type' && version) version.type = value
  else if (name === 'keyname') authors.push(`${authors.pop() ?? ''}${value}`)
  else if (name === 'forenames') authors.push(`${value} ${authors.pop() ?? ''}`.trim())
  else if (name === 'suffix') authors.push(`${authors.pop() ?? ''} ${value}`)
  else if (!fields.has(name) || name === 'id') fields.set(name, value)
}

/** `source_type` of a version that withdraws the paper. */
const WITHDRAWAL = 'I'

function paperOf({ fields, authors, versions, format, characters }: Draft): OaiRecord {
  if (characters > MAX_RECORD_CHARACTERS) return 'record-too-large'
  if (format !== 'arXiv' && format !== 'arXivRaw')
    return format === 'dc' ? 'metadata-without-license' : 'no-metadata'
  const id = fields.get('id') ?? ''
  const title = fields.get('title')
  const abstract = fields.get('abstract')
  if (!isArxivId(id) || title === undefined || abstract === undefined) return 'malformed-record'
  const latest = versions.at(-1)
  const comments = fields.get('comments')
  return {
    id,
    version: versionNumber(latest?.number),
    title,
    abstract,
    authors: format === 'arXiv' ? authors.join(', ') : (fields.get('authors') ?? ''),
    categories: (fields.get('categories') ?? '').split(/\s+/).filter((category) => category !== ''),
    license: fields.get('license') || undefined,
    comments,
    doi: fields.get('doi') || undefined,
    journal: fields.get('journal-ref') || undefined,
    created: isoDate(versions[0]?.date ?? fields.get('created')),
    revised: isoDate(latest?.date ?? fields.get('updated') ?? fields.get('created')),
    isWithdrawn: latest?.type === WITHDRAWAL || saysWithdrawn(comments, abstract),
  }
}
