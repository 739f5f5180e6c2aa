// Writes the generated parts of docs/architecture.md and its two maps from the imports as they are
// and from scripts/house/rooms.js. Run by `npm run docs`; a test compares.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { readImports } from './imports.js'
import { drawMap } from './map.js'
import { LATER, ROOMS } from './rooms.js'

const BEGIN = '<!-- rooms: written by `npm run docs` from scripts/house/rooms.js -->'
const END = '<!-- /rooms -->'

/**
 * The files this writes, by path from the root.
 * @param {string} root
 */
export function architectureFiles(root) {
  const { imports, files } = readImports(root)
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const [before, rest] = page.split(BEGIN)
  const [, after] = (rest ?? '').split(END)
  if (after === undefined) throw new Error(`docs/architecture.md lacks ${BEGIN} or ${END}`)
  const house = group(imports, files, wingOf)
  const engine = group(imports, files, (file) => partOf(file, 'src/engine'))
  const count = (name, map) => `${[...map(files)].filter((one) => one === name).length} files`
  return {
    'docs/architecture.md': `${before}${BEGIN}\n\n${paragraphs()}\n${END}${after}`,
    'docs/images/architecture.svg': drawMap(
      'Rooms of cosmos-etl, each above what it imports',
      house,
      (name) =>
        name in LATER
          ? [name.replace('src/', ''), 'planned']
          : [nameOf(name), count(name, (all) => all.map(wingOf))],
      Object.keys(LATER),
    ),
    'docs/images/engine.svg': drawMap(
      'Rooms of src/engine, each above what it imports',
      engine,
      (name) => [
        name.replace('src/engine/', ''),
        name.endsWith('.ts')
          ? ''
          : count(name, (all) => all.map((file) => partOf(file, 'src/engine'))),
      ],
    ),
  }
}

const nameOf = (room) => room.replace('src/', '')

/** The wing of the house a file is in: a folder of src, or a folder at the top. */
function wingOf(file) {
  const [top, second] = file.split('/')
  if (/\/testing(\/|\.ts$)/.test(file) && !file.startsWith('src/testing')) return undefined
  if (top !== 'src') return top
  return second.endsWith('.ts') ? 'the face, src/*.ts' : `src/${second}`
}

/** A folder or file directly in `folder`. */
function partOf(file, folder) {
  if (!file.startsWith(`${folder}/`) || file.startsWith(`${folder}/testing/`)) return undefined
  return posix.dirname(file) === folder
    ? file
    : posix.join(folder, file.slice(folder.length + 1).split('/')[0])
}

/** Which parts import which. */
function group(imports, files, partOfFile) {
  const edges = new Map()
  for (const file of files) if (partOfFile(file)) edges.set(partOfFile(file), new Set())
  for (const { from, what } of imports) {
    const [a, b] = [partOfFile(from), /\.ts$/.test(what) ? partOfFile(what) : undefined]
    if (a && b && a !== b && edges.has(b)) edges.get(a).add(b)
  }
  return edges
}

/** A paragraph for every room with a line of its own, its smaller rooms as a list below. */
function paragraphs() {
  const lines = []
  for (const [name, { is, takes, gives, may, packages = [] }] of Object.entries(ROOMS)) {
    const rooms =
      may.length === 0 ? 'no room' : may.map((one) => `\`${one.replace('src/', '')}\``).join(', ')
    const from = packages.length === 0 ? '' : `; packages ${packages.join(', ')}`
    const allowed = `May import ${rooms}${from}.`
    if (takes)
      lines.push('', ...wrap(`**\`${name}\`** ${is} In: ${takes}. Out: ${gives}. ${allowed}`))
    else lines.push('', ...wrap(`- \`${name}\`: ${is} ${allowed}`, '  '))
  }
  const later = Object.entries(LATER).flatMap(([name, is]) => wrap(`- \`${name}\`: ${is}.`, '  '))
  return `${lines
    .join('\n')
    .trim()
    .replace(/\n\n- /g, '\n- ')
    .replace(
      /(\n\*\*[^\n]*(?:\n[^\n*-][^\n]*)*)\n- /g,
      '$1\n\n- ',
    )}\n\nPlanned, empty today:\n\n${later.join('\n')}\n`
}

/** Lines of at most 100 characters. */
function wrap(text, indent = '') {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== '' && line.length + 1 + word.length > 100) lines.push(`${indent}${word}`)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  for (const [path, text] of Object.entries(architectureFiles(root)))
    writeFileSync(join(root, path), text)
}
