// Every import of the project's product code, read from the compiler: values, types, re-exports and
// literal `import()`. What the compiler does not list is scanned for: Node's own modules, entries
// of workers (`new URL('./x.ts', import.meta.url)`), computed `import()` and `createRequire()`.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** What an import is called whose target only running tells. */
export const COMPUTED_IMPORT = 'a computed target'

/** Folders whose TypeScript is product code. */
const FOLDERS = /^(?:src|connectors|filters|plugins|bench)\//
const TESTS = /\.test\.ts$|\/fixtures\/|\/dist\/|\/\.venv\//

/**
 * @typedef {object} Import
 * @property {string} from File that imports, relative to the root.
 * @property {string} what Package or `node:` module, or the path of a file relative to the root.
 * @property {string} form As it is written, for messages.
 */

/**
 * Compiles without output.
 * @param {string} root Folder with tsconfig.json.
 * @returns {{ imports: Import[], files: string[], errors: string }} `errors` is '' if it compiles.
 */
export function readImports(root) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [tsc, '--noEmit', '--explainFiles', '--incremental', 'false', '--pretty', 'false'],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const lines = stdout.split('\n')
  const errors = lines.filter((line) => /^\S.*: error TS\d+|^error TS/.test(line))
  const files = lines.filter(
    (line) => FOLDERS.test(line) && line.endsWith('.ts') && !TESTS.test(line),
  )
  if (files.length === 0) errors.push(stderr || stdout || 'the compiler lists no files')
  const imports = lines.flatMap((line) => {
    const [, spec, from] =
      /^\s+(?:Imported|Referenced) via ['"](.+?)['"] from file '(.+?)'/.exec(line) ?? []
    return from && FOLDERS.test(from) && !TESTS.test(from) ? [named(from, spec, `'${spec}'`)] : []
  })
  for (const file of files) imports.push(...scanned(file, readFileSync(join(root, file), 'utf8')))
  return { imports, files, errors: errors.join('\n') }
}

/** An import with its target as a package name or as a path from the root. */
function named(from, spec, form) {
  if (spec.startsWith('.')) return { from, what: posix.join(posix.dirname(from), spec), form }
  const parts = spec.split('/')
  const isNode = spec.startsWith('node:')
  const what = isNode ? spec : parts.slice(0, spec.startsWith('@') ? 2 : 1).join('/')
  return { from, what, form }
}

/** What the compiler does not tell of a file. */
function scanned(file, text) {
  const found = []
  for (const [, spec] of text.matchAll(/(?:from|import|import\()\s*['"](node:[\w/]+)['"]/g)) {
    found.push(named(file, spec, `'${spec}'`))
  }
  for (const [form, spec] of text.matchAll(
    /new URL\(\s*'(\.[^']+\.[jt]s)',\s*import\.meta\.url/g,
  )) {
    found.push(named(file, spec.replace(/\.js$/, '.ts'), form))
  }
  for (const [form] of text.matchAll(/\bimport\(\s*(?!['"\s])[^)\n]*|\bcreateRequire\([^)]*\)/g)) {
    found.push({ from: file, what: COMPUTED_IMPORT, form })
  }
  return found
}
