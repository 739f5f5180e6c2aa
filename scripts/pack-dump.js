// Packs a plain XML dump as Wikimedia does: header, groups of pages and the closing tag as bz2
// streams of their own, and an index of `offset:page id:title` lines. Writes beside the input.
// Needs the program bzip2.
//   node scripts/pack-dump.js xxwiki-20261101-pages-articles.xml [pages per stream = 100]
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const [input, group = '100'] = process.argv.slice(2)
if (!input?.endsWith('.xml')) {
  process.stderr.write('usage: node scripts/pack-dump.js DUMP.xml [PAGES PER STREAM]\n')
  process.exit(2)
}

/** One complete bz2 stream. */
function bzip2(text) {
  const { status, stdout, error } = spawnSync('bzip2', ['-9', '-c'], {
    input: text,
    maxBuffer: 1 << 30,
  })
  if (status !== 0) throw error ?? new Error(`bzip2 ended with ${status}`)
  return stdout
}

const xml = readFileSync(input, 'utf8')
const first = xml.indexOf('  <page>')
const end = xml.lastIndexOf('</mediawiki>')
const pages = xml.slice(first, end).split(/(?<=<\/page>\n)/)

const streams = [bzip2(xml.slice(0, first))]
let offset = streams[0].length
let index = ''
for (let start = 0; start < pages.length; start += Number(group)) {
  const members = pages.slice(start, start + Number(group))
  for (const page of members) {
    // Titles in the index have no entities.
    const title = /<title>(.*?)<\/title>/
      .exec(page)?.[1]
      ?.replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&')
    index += `${offset}:${/<id>(\d+)<\/id>/.exec(page)?.[1]}:${title}\n`
  }
  const stream = bzip2(members.join(''))
  streams.push(stream)
  offset += stream.length
}
streams.push(bzip2(xml.slice(end)))

const base = input.replace(/\.xml$/, '-multistream')
writeFileSync(`${base}.xml.bz2`, Buffer.concat(streams))
writeFileSync(`${base}-index.txt.bz2`, bzip2(index))
process.stdout.write(`${pages.length} pages in ${streams.length} streams: ${base}.xml.bz2\n`)
