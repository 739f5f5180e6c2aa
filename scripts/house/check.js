// Holds the imports of the project against scripts/house/rooms.js. Run by `npm run check`:
// compiles without output, then says everything that is wrong. Exit code 1 if anything is.
import { dirname, posix } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { COMPUTED_IMPORT, readImports } from './imports.js'
import { COMPUTED, ROOMS } from './rooms.js'

const RULES = 'scripts/house/rooms.js'
const OURS = /^(?:src|connectors|filters|plugins|bench)\//

/** The name of the rule for a file: of the file itself, its folder, or every folder beside it. */
export function roomOf(file) {
  const folder = posix.dirname(file)
  const names = [file, folder, `${posix.dirname(folder)}/*`]
  return names.find((name) => name in ROOMS)
}

/** The room as a place: two folders under one rule are two rooms. */
function placeOf(file) {
  return file in ROOMS ? file : posix.dirname(file)
}

function allows(may, file) {
  const place = placeOf(file)
  return may.some((name) =>
    name.endsWith('/**')
      ? place === name.slice(0, -3) || place.startsWith(name.slice(0, -2))
      : place === name,
  )
}

/**
 * Everything that breaks a rule: one line each, with the room, the import and where the rule
 * stands.
 * @param {readonly import('./imports.js').Import[]} imports
 * @param {readonly string[]} files
 */
export function problemsOf(imports, files) {
  const problems = new Set()
  for (const file of files) {
    if (!roomOf(file)) problems.add(`${file}: no room in ${RULES}`)
  }
  for (const { from, what, form } of imports) {
    const name = roomOf(from)
    if (!name) continue
    const { may, packages = [], node = false } = ROOMS[name]
    const isAllowed = OURS.test(what)
      ? placeOf(what) === placeOf(from) || allows(may, what)
      : what === COMPUTED_IMPORT
        ? from in COMPUTED
        : what.startsWith('node:')
          ? node || what === 'node:buffer'
          : packages.includes(what) || what.endsWith('.json')
    if (!isAllowed) {
      problems.add(`${from}: room "${name}" may not import ${what} (${form}); see ${RULES}`)
    }
  }
  return [...problems, ...staleRules(imports, files), ...circles(imports)].sort()
}

/** Rules about what is not there: they would rot unseen. */
function staleRules(imports, files) {
  const rules = new Set(files.map(roomOf))
  const places = [...new Set(files.map(placeOf))]
  const computed = new Set(
    imports.filter(({ what }) => what === COMPUTED_IMPORT).map(({ from }) => from),
  )
  const exists = (name) =>
    places.some((place) => place === name || place.startsWith(name.replace(/\*+$/, '')))
  return [
    ...Object.keys(ROOMS)
      .filter((name) => !rules.has(name))
      .map((name) => `${RULES}: room "${name}" holds no file`),
    ...Object.entries(ROOMS).flatMap(([room, { may }]) =>
      may
        .filter((name) => !exists(name))
        .map((name) => `${RULES}: "${room}" may import "${name}", which does not exist`),
    ),
    ...Object.keys(COMPUTED)
      .filter((name) => !computed.has(name))
      .map((name) => `${RULES}: ${name} imports no computed target`),
  ]
}

/** Files that import each other in a circle, each circle once. */
function circles(imports) {
  const edges = new Map()
  for (const { from, what } of imports) {
    if (OURS.test(what)) edges.set(from, new Set(edges.get(from)).add(what))
  }
  const found = []
  const state = new Map()
  const path = []
  const visit = (file) => {
    state.set(file, 'open')
    path.push(file)
    for (const next of edges.get(file) ?? []) {
      if (next === file) continue
      if (state.get(next) === 'open') {
        found.push(`circle: ${[...path.slice(path.indexOf(next)), next].join(' → ')}`)
      } else if (!state.has(next)) visit(next)
    }
    path.pop()
    state.set(file, 'done')
  }
  for (const file of edges.keys()) if (!state.has(file)) visit(file)
  return found
}

/** What is wrong with the checkout at `root`. */
export function checkHouse(root) {
  const { imports, files, errors } = readImports(root)
  return { errors, problems: problemsOf(imports, files), files, imports }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const { errors, problems, files } = checkHouse(root)
  for (const line of [errors, ...problems].filter(Boolean)) console.error(line)
  if (errors || problems.length > 0) process.exitCode = 1
  else console.log(`${files.length} files compile and keep to their rooms`)
}
