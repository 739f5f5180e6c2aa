import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkHouse, problemsOf } from './check.js'
import { ROOMS } from './rooms.js'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A file that few rooms may import, and one for those. */
const TARGETS = ['src/cli/commands.ts', 'src/core/errors.ts', 'src/engine/run.ts']

/** Ways to import: `spec` is a path, a package or a Node module as `kind` says. */
const FORMS = [
  { kind: 'file', write: (spec) => `import * as planted from '${spec}'\nvoid planted` },
  {
    kind: 'file',
    write: (spec) => `import type * as planted from '${spec}'\nexport type P = typeof planted`,
  },
  { kind: 'file', write: (spec) => `export * from '${spec}'` },
  { kind: 'file', write: (spec) => `export * as planted from '${spec}'` },
  { kind: 'file', write: (spec) => `export type * from '${spec}'` },
  { kind: 'file', write: (spec) => `import '${spec}'` },
  { kind: 'file', write: (spec) => `export const planted = () => import('${spec}')` },
  { kind: 'file', write: (spec) => `export type Planted = typeof import('${spec}')` },
  { kind: 'file', write: (spec) => `/// <reference path="${spec}" />\nexport const planted = 1` },
  { kind: 'file', write: (spec) => `export const planted = new URL('${spec}', import.meta.url)` },
  {
    kind: 'file',
    write: (spec) =>
      `export const planted = new URL('${spec.replace(/\.ts$/, '.js')}', import.meta.url)`,
  },
  { kind: 'package', write: (spec) => `import { Command } from '${spec}'\nvoid Command` },
  {
    kind: 'package',
    write: (spec) => `import type { Command } from '${spec}'\nexport type P = Command`,
  },
  { kind: 'package', write: (spec) => `export { Command } from '${spec}'` },
  { kind: 'package', write: (spec) => `export const planted = () => import('${spec}')` },
  { kind: 'node', write: (spec) => `import { cpus } from '${spec}'\nvoid cpus` },
  { kind: 'node', write: (spec) => `export const planted = () => import('${spec}')` },
  { kind: 'computed', write: () => 'export const planted = (name: string) => import(name)' },
]

const PACKAGES = ['commander', 'apache-arrow', 'tesseract.js', 'fzstd']
const { files, problems, errors } = checkHouse(root)

/** A file of the room, or a new one in its first folder. */
function placeFor(room) {
  if (room.endsWith('.ts')) return room
  if (!room.endsWith('/*')) return `${room}/planted.ts`
  const parent = room.slice(0, -2)
  const folder = files
    .map((file) => posix.dirname(file))
    .find((name) => posix.dirname(name) === parent && !(name in ROOMS))
  return `${folder}/planted.ts`
}

/** What a room may not import, in this form; undefined if it may import all of that kind. */
function targetOf(kind, from) {
  const isForbidden = (what) =>
    problemsOf([{ from, what, form: '' }], []).some((line) => line.startsWith(from))
  if (kind === 'computed') return isForbidden('a computed target') ? 'a computed target' : undefined
  const all = kind === 'file' ? TARGETS : kind === 'package' ? PACKAGES : ['node:os']
  return all.find(isForbidden)
}

/** One forbidden import for every room, the forms in turn, so that all occur. */
const PLANTS = Object.keys(ROOMS).map((room, index) => {
  const from = placeFor(room)
  for (let turn = 0; turn < FORMS.length; turn++) {
    const form = (index + turn) % FORMS.length
    const { kind, write } = FORMS[form]
    const what = targetOf(kind, from)
    if (what === undefined) continue
    const path = posix.relative(posix.dirname(from), what)
    const spec = kind === 'file' ? (path.startsWith('.') ? path : `./${path}`) : what
    return { room, from, what, form, text: write(spec) }
  }
  throw new Error(`nothing is forbidden to ${room}`)
})

let folder = ''
/** @type {readonly string[]} */
let found = []

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etl-house-'))
  for (const name of ['src', 'connectors', 'filters', 'plugins', 'bench', 'manifests', 'docs']) {
    const filter = (path) => !/\/(?:\.venv|\.cache|fixtures|cosmos_torch)(?:\/|$)/.test(path)
    cpSync(join(root, name), join(folder, name), { recursive: true, filter })
  }
  cpSync(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const { from, text } of PLANTS) {
    const path = join(folder, from)
    const before = from.endsWith('/planted.ts') ? '' : readFileSync(path, 'utf8')
    writeFileSync(path, `${text.startsWith('///') ? `${text}\n${before}` : `${before}\n${text}`}\n`)
  }
  found = checkHouse(folder).problems
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the house compiles and keeps to its rooms, with no circle between files', () => {
  expect(errors).toBe('')
  expect(problems).toEqual([])
  expect(files.length).toBeGreaterThan(400)
})

describe('a forbidden import', () => {
  it('is tried in every room and every form', () => {
    expect(PLANTS.length).toBeGreaterThan(60)
    expect(new Set(PLANTS.map(({ form }) => form)).size).toBe(FORMS.length)
  })

  it.each(PLANTS)('in $room is caught: $text', ({ room, from, what }) => {
    const own = found.filter((line) => line.startsWith(`${from}: `) && line.includes(what))
    expect(own).not.toEqual([])
    expect(own[0]).toContain(`room "${room}" may not import ${what}`)
    expect(own[0]).toContain('see scripts/house/rooms.js')
  })
})

it('reports a circle between files with every file in it', () => {
  const edge = (from, what) => ({ from, what, form: '' })
  const circle = ['src/core/a.ts', 'src/core/b.ts', 'src/core/c.ts']
  const imports = [
    edge(circle[0], circle[1]),
    edge(circle[1], circle[2]),
    edge(circle[2], circle[0]),
  ]
  expect(problemsOf(imports, circle)).toContain(`circle: ${[...circle, circle[0]].join(' → ')}`)
})

it('reports a file outside all rooms', () => {
  expect(problemsOf([], ['src/attic/box.ts'])).toContain(
    'src/attic/box.ts: no room in scripts/house/rooms.js',
  )
})
