import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutComments } from './comments.ts'
import { latexFragment, latexToText } from './convert.ts'

const folder = join(import.meta.dirname, 'fixtures')
const papers = readdirSync(folder).filter((name) => name.endsWith('.tex'))

/** The text of a paper given as its files; the first is the main one. */
function convert(files: Record<string, string>) {
  const [main = ''] = Object.keys(files)
  return latexToText(new Map(Object.entries(files)), main)
}

const body = (source: string): string => convert({ 'main.tex': source }).body

it.each(papers)('%s becomes the Markdown file next to it', async (name) => {
  const { title, body } = convert({ [name]: readFileSync(join(folder, name), 'utf8') })
  await expect(`# ${title}\n\n${body}\n`).toMatchFileSnapshot(
    join(folder, name.replace('.tex', '.md')),
  )
})

describe('comments', () => {
  it.each([
    ['a%b\nc', 'ac'],
    ['50\\% of', '50\\% of'],
    ['line\\\\% gone\nnext', 'line\\\\next'],
    ['a % gone\n\nb', 'a \n\nb'],
    ['\\verb|%| a % b', '\\verb|%| a '],
    ['\\begin{verbatim}% kept\n\\end{verbatim}% gone', '\\begin{verbatim}% kept\n\\end{verbatim}'],
    ['a\\begin{comment}b\\end{comment}c', 'ac'],
  ])('%j is read as %j', (source, expected) => {
    expect(withoutComments(source)).toBe(expected)
  })
})

describe('files', () => {
  it('are read where they are included; missing ones are noted, and cycles are cut', () => {
    const result = convert({
      'main.tex':
        '\\begin{document}Start. \\input{one} \\include{gone}\\import{parts/}{two}\\input plain End.\\end{document}',
      'one.tex': 'One \\input{main.tex}\\input{one}done.',
      'parts/two.tex': '\\documentclass[main]{subfiles}\\begin{document}Two.\\end{document} junk',
      plain: 'Plain. \\endinput junk',
    })
    expect(result.body).toBe('Start. One done. Two.\n\nPlain. End.')
    expect(result.missing).toEqual(['gone'])
  })

  it('can be packages, and then only their definitions count', () => {
    const result = convert({
      'main.tex': '\\usepackage{ours}\\begin{document}A \\me\\ b.\\end{document}',
      'ours.sty': 'junk \\newcommand{\\me}{lantern} \\begin{document} more junk',
    })
    expect(result.body).toBe('A lantern b.')
  })

  it('outside the paper do not exist', () => {
    expect(
      convert({ 'main.tex': 'a \\input{/etc/passwd} \\input{../../etc/passwd} b' }).missing,
    ).toHaveLength(2)
  })
})

describe('macros', () => {
  it.each([
    ['\\def\\a{x}\\def\\b{\\a\\a}\\b', 'xx'],
    ['\\newcommand{\\p}[2]{#2 and #1}\\p{x}{y}', 'y and x'],
    ['\\newcommand{\\o}[2][d]{#1-#2}\\o{x} \\o[e]{x}', 'd-x e-x'],
    ['\\let\\old=\\emph \\old{x}', 'x'],
    ['\\newcommand\\s{\\alpha}$\\s b$', '$\\alpha b$'],
    ['\\newcommand{\\h}{\\section}\\h{Title} text', '## Title\n\ntext'],
    ['\\renewcommand{\\section}[1]{gone}\\section{Kept}', '## Kept'],
    ['\\def\\t#1.#2{never}a \\t b.c', 'a b.c'],
    [
      '\\newcommand{\\sun}{\\ensuremath{M_\\odot}\\xspace}3 \\sun of mass, 4 \\sun.',
      '3 $M_\\odot$ of mass, 4 $M_\\odot$.',
    ],
  ])('%s gives %j', (source, expected) => {
    expect(body(source)).toBe(expected)
  })

  it('that grow without end are stopped, and the result is marked as cut', () => {
    let source = '\\def\\a{lol lol lol lol}'
    for (let index = 0; index < 26; index++) {
      const [one, next] = [String.fromCharCode(97 + index), String.fromCharCode(98 + index)]
      source += `\\def\\${next === '{' ? 'z' : next}{\\${one}\\${one}\\${one}\\${one}}`
    }
    const result = convert({ 'main.tex': `${source}\\z` })
    expect(result.isCut).toBe(true)
    expect(result.body.length).toBeLessThan(4 << 20)
    expect(convert({ 'main.tex': '\\def\\a{\\a\\a}\\a end' }).body).toContain('end')
    expect(
      convert({
        'main.tex': '\\newcommand{\\a}[1]{#1#1#1#1#1#1#1#1#1}\\a{\\a{\\a{\\a{\\a{\\a{\\a{x}}}}}}}',
      }).body,
    ).toContain('x')
  })
})

describe('text around removed citations', () => {
  it.each([
    ['as shown \\cite{a}.', 'as shown.'],
    ['as shown~\\citep{a}, and', 'as shown, and'],
    ['lanterns (\\cite{a}, \\cite{b}) swing', 'lanterns swing'],
    ['lanterns (see \\cite{a}) swing', 'lanterns (see) swing'],
    ['lanterns [\\ref{a}] swing', 'lanterns swing'],
    ['in (\\ref{a}) and (b)', 'in and (b)'],
    ['قال (\\cite{a})، ثمّ', 'قال، ثمّ'],
    ['f(x) and g()', 'f(x) and g()'],
  ])('%s gives %j', (source, expected) => {
    expect(body(source)).toBe(expected)
  })
})

describe('accents', () => {
  it.each([
    ['\\\'e\\`{a}\\^\\i\\"{o}\\~n\\c{c}\\v{s}\\H{o}\\r a\\k{a}\\=o', 'éàîöñçšőåąō'],
    ["Bal\\'azs, \\O degaard, Stra\\ss e, \\L\\'od\\'z", 'Balázs, Ødegaard, Straße, Łódź'],
    ['\\d{h}, \\b{t}, \\~{} and \\^{}', 'ḥ, ṯ, ~ and ^'],
    ['a\\_b \\& \\$5 \\#1 \\{x\\}', 'a_b & $5 #1 {x}'],
  ])('%s gives %j', (source, expected) => {
    expect(body(source)).toBe(expected)
  })
})

describe('fragments', () => {
  it('keep ordinary characters that people type into forms', () => {
    expect(latexFragment("10% of AT&T at z~2, `so' and $5 \\pm 1$")).toBe(
      "10% of AT&T at z~2, 'so' and $5 \\pm 1$",
    )
  })
})

describe('broken and hostile sources', () => {
  const deep = 20_000
  it.each([
    ['braces', `${'{'.repeat(100_000)}x${'}'.repeat(deep)}`],
    ['closing braces', `x${'}'.repeat(deep)}`],
    ['unclosed citations', `x${'\\cite{'.repeat(deep)}`],
    ['unclosed options', `x${'\\foo['.repeat(deep)}`],
    ['unclosed environments', `x${'\\begin{itemize}\\item '.repeat(5000)}`],
    ['stray ends', `x${'\\end{a}'.repeat(deep)}`],
    ['unclosed verbatim', `x${'\\begin{verbatim}'.repeat(deep)}`],
    ['unclosed comments', `x${'\\begin{comment}%'.repeat(deep)}`],
    ['unclosed \\verb', `x${'\\verb|'.repeat(deep)}`],
    ['conditionals', `x${'\\iffalse'.repeat(deep)}`],
    ['dollars', `x${'$'.repeat(deep)}`],
    ['nested macros', `\\newcommand{\\a}[1]{#1}x${'\\a{'.repeat(deep)}`],
    ['definitions', `x${'\\def\\a#'.repeat(deep)}`],
    ['brackets', `x${'(\\cite{a}'.repeat(5000)}`],
    ['sections', `x${'\\section{'.repeat(deep)}`],
    ['assignments', `x${'\\a=\\b '.repeat(deep)}`],
    ['spaces', `x${'\\x '.repeat(1000)}${' '.repeat(deep)}y`],
    ['accents', `x${"\\'".repeat(deep)}`],
    ['names of commands', `x\\${'cite'.repeat(deep)}X y \\${'if'.repeat(deep)}`],
  ])('%s are survived, with bounded output', (_, source) => {
    const result = convert({ 'main.tex': source })
    expect(result.body).toContain('x')
    expect(result.body.length).toBeLessThan(4 << 20)
  })

  it('end a formula at a paragraph or a heading', () => {
    expect(body('It costs $5.\n\nNext \\section{One} and $x$')).toBe(
      'It costs $5.$\n\nNext\n\n## One\n\nand $x$',
    )
    expect(body('\\begin{equation} x \\section{Two} y')).toBe(
      '\\begin{equation}\nx\n\\end{equation}\n\n## Two\n\ny',
    )
  })

  it('may use names of built-in JavaScript properties', () => {
    const names = ['constructor', 'toString', '__proto__', 'hasOwnProperty']
    const source = names.map((name) => `\\begin{${name}}x\\end{${name}}\\${name}`).join(' ')
    expect(body(source).match(/x/g)).toHaveLength(names.length)
  })

  it('never throw, whatever they contain', () => {
    const token = fc.constantFrom(
      ...[
        '\\',
        '{',
        '}',
        '$',
        '$$',
        '[',
        ']',
        '%',
        '\n',
        '\n\n',
        '\\begin{',
        '\\end{',
        '\\item',
        '\\def\\a',
        '\\a',
        '#1',
      ],
      ...[
        'equation}',
        'tabular}',
        'document}',
        'verbatim}',
        '\\verb',
        '\\if',
        '\\else',
        '\\fi',
        '\\input{m}',
        "\\'",
        'ع',
        '😀',
      ],
      ...[
        '\\newcommand',
        '\\section',
        '\\cite',
        '\\title',
        '\\caption',
        '\\footnote',
        'x',
        ' ',
        '~',
        '&',
        '(',
        ')',
      ],
    )
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        const source = tokens.join('')
        expect(convert({ 'main.tex': source, m: source })).toEqual(
          convert({ 'main.tex': source, m: source }),
        )
      }),
      { numRuns: 300 },
    )
  })
})
