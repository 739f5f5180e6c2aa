import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const WIDTH = 100
const SHARE = 0.02
const GENERATED = /^docs\/(?:components|errors)\.md$/

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
const files = listed
  .split('\n')
  .filter((path) => !/(?:^|\/)(?:fixtures|samples)\//.test(path) && !GENERATED.test(path))

/** Lines that are too long, except what cannot be broken: addresses, tables, links and images. */
function longLines(path) {
  let isCode = false
  const isMarkdown = path.endsWith('.md')
  const lines = readFileSync(join(root, path), 'utf8').split('\n')
  const long = lines.filter((line) => {
    if (isMarkdown && line.startsWith('```')) isCode = !isCode
    if ([...line].length <= WIDTH || /https?:\/\//.test(line)) return false
    return !isMarkdown || !(isCode || line.startsWith('|') || /^\s*!?\[[^\]]*\]\(/.test(line))
  })
  return { long, total: lines.length }
}

it.each([
  ['code', /\.(?:ts|js|py)$/],
  ['Markdown', /\.md$/],
])('under 2 % of the lines of %s are longer than 100 characters', (_, pattern) => {
  const counts = files.filter((path) => pattern.test(path)).map(longLines)
  const total = counts.reduce((sum, one) => sum + one.total, 0)
  const long = counts.reduce((sum, one) => sum + one.long.length, 0)
  expect(total).toBeGreaterThan(1000)
  expect(long / total).toBeLessThan(SHARE)
})

it('no comment is longer than 100 characters', () => {
  const comments = files
    .filter((path) => /\.(?:ts|js|py)$/.test(path))
    .flatMap((path) => longLines(path).long.map((line) => `${path}: ${line.trim()}`))
    .filter((line) => /: (?:\/\*\*|\*|\/\/|#) /.test(line))
  expect(comments).toEqual([])
})
