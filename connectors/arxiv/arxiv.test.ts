import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { type Header, pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import type { Document } from '../../src/core/document.ts'
import { localStorage } from '../../src/files/local-storage.ts'
import { collect, readItems, testConnector } from '../../src/testing/connector.ts'
import { testContext } from '../../src/testing/context.ts'
import { decodeTex } from './encoding.ts'
import { arxiv } from './index.ts'
import { chooseMain } from './main-file.ts'
import { categoryJudge, isArxivId, licenseName, type Paper } from './paper.ts'
import { paperSource } from './source.ts'

const folder = import.meta.dirname

testConnector({ component: arxiv, folder })
testConnector({ component: arxiv, folder, options: { input: 'fixtures/oai' } })

/** Documents by key, and skip reasons by place. */
async function read(extra: object, base = folder) {
  const connector = await arxiv.create(arxiv.options.parse(extra), testContext(base))
  const documents: Record<string, Document> = {}
  const skipped: Record<string, string> = {}
  for (const partition of await collect(connector.partitions())) {
    for (const item of await readItems(connector, partition)) {
      if ('document' in item) documents[item.document.key ?? ''] = item.document
      else if ('skipped' in item) skipped[item.where] = item.skipped
    }
  }
  return { documents, skipped }
}

const FIXTURES = { input: 'fixtures/metadata.jsonl', eprints: 'fixtures/eprints' }

describe('full text', () => {
  it('is read if the licence allows redistribution, otherwise the abstract is', async () => {
    const { documents } = await read(FIXTURES)
    const kinds = Object.entries(documents).map(
      ([key, { kind, license }]) => `${key} ${kind} ${license}`,
    )
    expect(kinds).toEqual([
      '2511.00001 mixed CC-BY-4.0',
      '2511.00002 prose CC0-1.0',
      '2511.00003 prose CC0-1.0',
      '2511.00004 prose CC0-1.0',
      'astro-ph/0511007 mixed CC-BY-4.0',
      '2511.00008 mixed CC-BY-4.0',
    ])
    expect(documents['2511.00002']?.text).toBe(
      '# No permission\n\nAn abstract is all that may be shown.',
    )
  })

  it('comes from all files of the archive that belong to the paper, and only those', async () => {
    const { documents } = await read(FIXTURES)
    const paper = documents['2511.00001']
    expect(paper).toMatchObject({
      url: 'https://arxiv.org/abs/2511.00001v2',
      created: '2025-11-03T09:00:00Z',
      revised: '2025-11-04T09:00:01Z',
      metadata: {
        primary_category: 'astro-ph.SR',
        version: 2,
        missing_files: ['sections/missing'],
      },
    })
    expect(paper?.text).toMatch(
      /^# Shadows of a lantern\n\n## Abstract\n\nWe count 50% of the shadows\.\n\n## Introduction/,
    )
    expect(paper?.text).toContain('The café lantern has $L = 10^{3}\\,L_\\odot$.')
    expect(paper?.text).not.toMatch(/ancillary|evil|\\section|\\cite/)
  })

  it('uses the abstract of the metadata if the paper has none', async () => {
    const { documents } = await read(FIXTURES)
    expect(documents['astro-ph/0511007']?.text).toMatch(
      /^# An old name\n\n## Abstract\n\nOne file, packed alone\.\n/,
    )
  })

  it('is not read with fullText false or a narrower list of licences', async () => {
    for (const extra of [{ fullText: false }, { licenses: ['CC0-1.0'] }]) {
      const { documents } = await read({ ...FIXTURES, ...extra })
      expect(new Set(Object.values(documents).map(({ kind }) => kind))).toEqual(new Set(['prose']))
    }
  })
})

it('gives a reason for everything it skips', async () => {
  const { skipped } = await read(FIXTURES)
  expect(skipped).toEqual({
    'metadata.jsonl:line 4 (byte 1485)': 'malformed-row',
    '2511.00004.pdf': 'pdf-only',
    'metadata.jsonl:line 6 (byte 1969)': 'malformed-row',
    'metadata.jsonl:line 7 (byte 2050)': 'other-category',
    'metadata.jsonl:line 8 (byte 2472)': 'withdrawn',
  })
})

it('yields the same papers for any partition size', async () => {
  const whole = await read(FIXTURES)
  const pieces = await read({ ...FIXTURES, partitionBytes: 500 })
  expect(pieces.documents).toEqual(whole.documents)
})

it('converts abstracts with paragraphs, accents and maths', async () => {
  const { documents } = await read({ input: FIXTURES.input })
  expect(documents['2511.00001']?.text).toBe(
    '# Shadows of a lantern: a toy survey\n\nWe count shadows. They are 10% longer in winter.\n\n' +
      'A second paragraph names Sánchez and $\\alpha=2$.',
  )
})

describe('OAI-PMH responses', () => {
  it('are read in both formats, with versions if given', async () => {
    const { documents, skipped } = await read({ input: 'fixtures/oai', primaryOnly: true })
    expect(documents['2511.00011']).toMatchObject({
      author: 'Layla Haddad, M. Osei Jr.',
      revised: '2025-11-06',
      url: 'https://arxiv.org/abs/2511.00011',
      text: '# نظرة إلى القمر & the Moon\n\nUne étude of <light>. نصّ عربيّ قصير.',
    })
    expect(documents['2511.00012']).toMatchObject({
      created: '2025-11-03T09:00:00Z',
      revised: '2025-11-05T10:00:00Z',
      metadata: { version: 2, paper_license: 'CC-BY-SA-4.0' },
    })
    expect(skipped).toEqual({
      'both.xml:record 3': 'withdrawn',
      'both.xml:record 4': 'metadata-without-license',
      'both.xml:record 5': 'malformed-record',
      'both.xml:record 6': 'other-category',
    })
  })

  it.each([
    ['<record><metadata><arXiv><id>2511.1', /ends inside an element/],
    ['<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', /DOCTYPE/],
    ['<a>'.repeat(100_000), /nested deeper/],
  ])('that are malformed or hostile are refused: %.30s', async (xml, message) => {
    const base = await mkdtemp(join(tmpdir(), 'arxiv-'))
    await writeFile(join(base, 'a.xml'), xml)
    await expect(read({ input: 'a.xml' }, base)).rejects.toThrow(message)
  })
})

describe('sources', () => {
  const sentences = 'The lantern swings over the wall. '.repeat(30)
  const tex = `\\documentclass{a}\\begin{document}${sentences}\\end{document}`

  async function source(bytes: Uint8Array, maxTexBytes = 1 << 20) {
    const base = await mkdtemp(join(tmpdir(), 'arxiv-'))
    const path = join(base, 'paper')
    await writeFile(path, bytes)
    const place = { path, where: 'paper', start: 0, end: bytes.length, version: undefined }
    const found = await paperSource(localStorage(), place, maxTexBytes)
    return 'refused' in found
      ? found.refused
      : `${found.main} of ${[...found.files.keys()].join(' ')}`
  }

  async function archive(
    entries: readonly [Partial<Header> & { name: string }, (string | Buffer)?][],
  ): Promise<Buffer> {
    const tar = pack()
    for (const [header, content] of entries) tar.entry(header, content ?? '')
    tar.finalize()
    return buffer(tar)
  }

  it.each([
    ['plain TeX', Buffer.from(tex), 'main.tex of main.tex'],
    ['packed TeX', gzipSync(tex), 'main.tex of main.tex'],
    ['a PDF', Buffer.from('%PDF-1.4'), 'pdf-only'],
    ['a packed PDF', gzipSync('%PDF-1.4'), 'pdf-only'],
    ['PostScript', gzipSync('%!PS-Adobe'), 'postscript-only'],
    ['HTML', gzipSync('<!DOCTYPE html><html>'), 'html-only'],
    ['nothing', Buffer.alloc(0), 'no-tex'],
    ['binary rubbish', Buffer.from([0, 1, 2, 3]), 'no-tex'],
    ['gigabytes of zeros', gzipSync(Buffer.alloc(64 << 20)), 'tex-too-large'],
  ])('recognises %s by its bytes', async (_, bytes, expected) => {
    expect(await source(bytes)).toBe(expected)
  })

  it('ignores links, hostile names, figures and files of other papers', async () => {
    const bytes = await archive([
      [{ name: 'paper.tex' }, tex],
      [{ name: '../outside.tex' }, tex],
      [{ name: '/etc/outside.tex' }, tex],
      [{ name: 'link.tex', type: 'symlink', linkname: '/etc/passwd' }],
      [{ name: 'zeros.eps' }, Buffer.alloc(4 << 20)],
      [{ name: 'binary.tex' }, Buffer.alloc(100)],
      [{ name: 'anc/other.tex' }, `${tex}${tex}`],
    ])
    expect(await source(gzipSync(bytes))).toBe('paper.tex of paper.tex')
  })

  it('limits the size of the TeX and reports damage as an error', async () => {
    const bytes = gzipSync(
      await archive([
        [{ name: 'a.tex' }, tex],
        [{ name: 'b.tex' }, tex],
      ]),
    )
    expect(await source(bytes, tex.length + 1)).toBe('tex-too-large')
    await expect(source(bytes.subarray(0, bytes.length - 20))).rejects.toMatchObject({
      code: 'input-corrupt',
    })
  })

  it('falls back to the abstract for damaged, complex, outdated or short sources', async () => {
    const base = await mkdtemp(join(tmpdir(), 'arxiv-'))
    await mkdir(join(base, 'eprints'))
    const [row = ''] = (await buffer(localStorage().stream(join(folder, FIXTURES.input))))
      .toString()
      .split('\n')
    const { id, ...rest } = JSON.parse(row) as { id: string }
    const rows = ['2511.00021', '2511.00022', '2511.00023', '2511.00024'].map((id) =>
      JSON.stringify({ id, ...rest }),
    )
    expect(id).toBe('2511.00001')
    await writeFile(join(base, 'papers.jsonl'), rows.join('\n'))
    await writeFile(join(base, 'eprints/2511.00021.gz'), gzipSync(tex).subarray(0, 60))
    const bomb = '\\def\\a{\\b\\b\\b\\b}\\def\\b{\\a lol \\a\\a\\a}'
    await writeFile(join(base, 'eprints/2511.00022v2.tex'), `${bomb}${'\\a x'.repeat(300)}`)
    await writeFile(join(base, 'eprints/2511.00023v1.tex'), tex)
    await writeFile(
      join(base, 'eprints/2511.00024.tex'),
      '\\documentclass{a}\\begin{document}See PDF.\\end{document}',
    )
    const { documents, skipped } = await read({ input: 'papers.jsonl', eprints: 'eprints' }, base)
    expect(Object.values(documents).map(({ kind }) => kind)).toEqual([
      'prose',
      'prose',
      'prose',
      'prose',
    ])
    expect(skipped).toEqual({
      '2511.00021.gz': 'damaged-eprint',
      '2511.00022v2.tex': 'tex-too-complex',
      '2511.00023v1.tex': 'other-version',
      '2511.00024.tex': 'no-text',
    })
  })
})

it('chooses the main file that the authors name, otherwise the most likely one', () => {
  const paper = '\\documentclass{a}\\begin{document}'
  const files = new Map([
    ['a/deep.tex', `${paper} much longer than the others`],
    ['b.tex', paper],
    ['c.tex', `${paper} x`],
    ['d.tex', 'only text'],
  ])
  expect(chooseMain(files, new Map())).toBe('c.tex')
  expect(chooseMain(files, new Map([['b.tex', 'toplevel']]))).toBe('b.tex')
  expect(chooseMain(files, new Map([['c.tex', 'ignore']]))).toBe('b.tex')
  expect(chooseMain(new Map([['d.tex', 'only text']]), new Map())).toBeUndefined()
})

it('decodes text that is not UTF-8 by its declared encoding, otherwise as Latin-1', () => {
  expect(decodeTex(Buffer.from('نصّ'))).toBe('نصّ')
  expect(decodeTex(Buffer.from('caf\xe9', 'latin1'))).toBe('café')
  const arabic = Buffer.concat([
    Buffer.from('\\usepackage[cp1256]{inputenc} '),
    Buffer.from([0xe4, 0xd5]),
  ])
  expect(decodeTex(arabic)).toMatch(/نص$/)
  expect(decodeTex(Buffer.from('\\usepackage[constructor]{inputenc} \xe9', 'latin1'))).toMatch(/é$/)
})

it('recognises identifiers, licences and categories', () => {
  for (const id of ['0704.0001', '2511.00001', 'astro-ph/0001001', 'math.CO/0511007'])
    expect(isArxivId(id)).toBe(true)
  for (const id of ['../x', '2511.1', 'astro-ph/1', '', '2511.00001v2'])
    expect(isArxivId(id)).toBe(false)
  expect(licenseName('http://creativecommons.org/licenses/by-nc-sa/4.0/')).toBe('CC-BY-NC-SA-4.0')
  expect(licenseName('http://creativecommons.org/publicdomain/zero/1.0/')).toBe('CC0-1.0')
  expect(licenseName('http://arxiv.org/licenses/nonexclusive-distrib/1.0/')).toMatch(/^http/)
  const paper = (...categories: string[]) => ({ categories }) as unknown as Paper
  const anywhere = categoryJudge(['astro-ph*', 'gr-qc'], false)
  expect(
    ['astro-ph', 'astro-ph.GA', 'gr-qc'].every((category) => anywhere(paper('hep-th', category))),
  ).toBe(true)
  expect(anywhere(paper('astro-phy', 'gr-qcd'))).toBe(false)
  expect(categoryJudge(['gr-qc'], true)(paper('hep-th', 'gr-qc'))).toBe(false)
  expect(categoryJudge(['*'], true)(paper('hep-th'))).toBe(true)
})
