import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose, testFilter } from '../../src/testing/filter.ts'
import { addressOf } from './address.ts'
import { urlLists } from './index.ts'
import { keySetBuilder } from './key-set.ts'
import { addressKeys } from './keys.ts'
import { rulesOf } from './lines.ts'

testFilter({
  component: urlLists,
  documents: [
    prose('An article.', { url: 'https://example.com/a', metadata: { robots: 'noai' } }),
    prose('مقال', { url: 'https://مثال.إختبار/مقال', metadata: { title: 'robots' } }),
  ],
})

type Options = z.input<typeof urlLists.options>
type Content = string | Uint8Array

async function open(files: Record<string, Content>, options: Options, warnings: string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'url-lists-'))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return urlLists.create(urlLists.options.parse(options), testContext(folder, warnings))
}

/** Verdicts on pages at these addresses, by one list of these files. */
async function verdicts(
  files: Record<string, Content>,
  urls: readonly string[],
  list: Partial<NonNullable<Options['lists']>[number]> = {},
) {
  const lists = [{ name: 'bad', files: Object.keys(files), ...list }]
  const filter = await open(files, { lists })
  return applyFilter(
    filter,
    urls.map((url) => prose('text', { url })),
  ).verdicts
}

describe('listed domains', () => {
  const listed = [
    'https://bad.example/',
    'http://BAD.example.:8080/page?x=1#top',
    'https://user:secret@www.deep.bad.example/a/b',
    'bad.example/without/scheme',
    '//bad.example/x',
    'https://bad%2Eexample/',
  ]
  const free = [
    'https://notbad.example/',
    'https://example/bad.example',
    'https://bad.example.org/',
    'https://good.example/?to=https://bad.example/',
    'https://bad.example@good.example/',
    '',
    'no address',
    'urn:isbn:0451450523',
  ]

  it.each([
    ['one domain a line', '# comment\n\nbad.example\n'],
    ['upper case, a trailing dot and CRLF', '! comment\r\nBad.Example.\r\n'],
    ['a leading dot', '.bad.example'],
    ['a wildcard', '*.bad.example'],
    [
      'a hosts file',
      '127.0.0.1 localhost\n0.0.0.0 other.example bad.example # a note\n::1 localhost',
    ],
    ['an AdBlock list', '[Adblock Plus 2.0]\n! Title: x\n||bad.example^\nexample##.banner'],
    ['an AdBlock rule about documents', '||bad.example^$document,important'],
    ['an address without a path', 'https://bad.example/'],
  ])('are read from %s', async (_, text) => {
    const found = await verdicts({ 'list.txt': text }, [...listed, ...free])
    expect(found).toEqual([...listed.map(() => 'listed-domain'), ...free.map(() => undefined)])
  })

  it('match however an Arabic or German name is written', async () => {
    const urls = [
      'https://مثال.إختبار/',
      'http://xn--mgbh0fb.xn--kgbechtv/',
      'https://BÜCHER.example',
    ]
    const all = ['listed-domain', 'listed-domain', 'listed-domain']
    expect(await verdicts({ a: 'مثال.إختبار\nbücher.example' }, urls)).toEqual(all)
    expect(await verdicts({ a: 'xn--mgbh0fb.xn--kgbechtv\nxn--bcher-kva.example' }, urls)).toEqual(
      all,
    )
    expect(
      await verdicts({ a: '0.0.0.0 %D9%85%D8%AB%D8%A7%D9%84.إختبار bücher.example' }, urls),
    ).toEqual(all)
  })

  it('can be top-level domains and IP addresses', async () => {
    const urls = [
      'https://any.test/',
      'https://192.0.2.1/x',
      'https://1.192.0.2.1/',
      'https://0xC0.0.2.1/',
    ]
    expect(await verdicts({ a: '.test\n192.0.2.1' }, urls)).toEqual([
      'listed-domain',
      'listed-domain',
      undefined,
      'listed-domain',
    ])
  })

  it('are not those whose requests or elements a rule is about', async () => {
    const rules = ['||ads.example^$third-party', '||img.example^$script,domain=a.example']
    const other = [
      'a.example##.ad',
      'b.example#@#.ad',
      '/banner[0-9]+/',
      '||c.example*d^',
      '@@||bad.example^',
    ]
    const text = ['||x.example^', ...rules, ...other].join('\n')
    const urls = ['ads', 'img', 'a', 'b', 'c', 'bad'].map((name) => `https://${name}.example/`)
    expect(await verdicts({ a: text }, urls)).toEqual(urls.map(() => undefined))
  })

  it('leave out what the list excepts', async () => {
    const text = '||bad.example^\n@@||good.bad.example^\n@@||bad.example/about^'
    const urls = [
      'https://bad.example/',
      'https://a.good.bad.example/',
      'https://bad.example/about/us',
    ]
    expect(await verdicts({ a: text }, urls)).toEqual(['listed-domain', undefined, undefined])
  })
})

describe('listed paths', () => {
  it('cover what is below them and every subdomain', async () => {
    const urls = [
      'https://example.com/~bad',
      'http://www.example.com:80/~bad/page.html',
      'https://example.com/%7Ebad?x=1',
      'https://example.com/page?id=3&lang=ar',
    ]
    const free = [
      'https://example.com/',
      'https://example.com/~badger',
      'https://example.com/page?id=34',
    ]
    const found = await verdicts({ a: 'example.com/~bad/\nhttp://example.com/page?id=3\n' }, [
      ...urls,
      ...free,
    ])
    expect(found).toEqual([...urls.map(() => 'listed-url'), ...free.map(() => undefined)])
  })

  it('match Arabic paths, escaped or not, composed or not', async () => {
    const escaped = 'https://example.com/%D9%85%D9%82%D8%A7%D9%84/%D8%A3'
    const urls = [
      escaped,
      escaped.toLowerCase(),
      'https://example.com/مقال/أ',
      'https://example.com/مقال/\u0627\u0654',
    ]
    expect(await verdicts({ a: 'example.com/مقال/أ' }, urls)).toEqual(urls.map(() => 'listed-url'))
    expect(await verdicts({ a: '||example.com/%D9%85%D9%82%D8%A7%D9%84/' }, urls)).toEqual(
      urls.map(() => 'listed-url'),
    )
    expect(await verdicts({ a: 'example.com/مق' }, urls)).toEqual(urls.map(() => undefined))
  })

  it('count as their whole domain in a list of domains', async () => {
    expect(
      await verdicts({ a: 'https://bad.example/page' }, ['https://www.bad.example/'], {
        kind: 'domains',
      }),
    ).toEqual(['listed-domain'])
  })
})

describe('files', () => {
  const urls = ['https://bad.example/', 'https://mixed.example/bad/x', 'https://note.example/']
  const expected = ['listed-domain', 'listed-url', undefined]
  const ut1 = {
    'adult/domains': 'bad.example\n',
    'adult/urls': 'mixed.example/bad',
    'adult/usage': 'black, see note.example\n',
    'adult/expressions': '(^|[-.])note\\.example\n',
  }

  it('are read from a folder of UT1', async () => {
    expect(await verdicts(ut1, urls, { files: ['adult'] })).toEqual(expected)
  })

  it('are read from an archive of UT1', async () => {
    const archive = pack()
    for (const [name, content] of Object.entries(ut1)) archive.entry({ name }, content)
    archive.finalize()
    const tar = await buffer(archive)
    expect(await verdicts({ 'adult.tar.gz': gzipSync(tar) }, urls)).toEqual(expected)
  })

  it('are read compressed, and by a pattern, each to its end', async () => {
    const files = { 'a.txt.gz': gzipSync('bad.example'), 'b.txt': 'mixed.example/bad' }
    expect(await verdicts(files, urls, { files: ['*.txt*'] })).toEqual(expected)
  })

  it('change the fingerprint with their content, not with their compression', async () => {
    const hashes = async (files: Record<string, Content>) =>
      (await open(files, { lists: [{ name: 'bad', files: Object.keys(files) }] })).fileHashes
    const [before] = (await hashes({ a: 'bad.example\n' })) ?? []
    expect(before).toMatch(/^[0-9a-f]{64}$/)
    expect(await hashes({ a: gzipSync('bad.example\n') })).toEqual([before])
    expect(await hashes({ a: 'bad.example\nworse.example\n' })).not.toEqual([before])
  })

  it('must exist and list something; lines without effect are counted', async () => {
    const lists = [{ name: 'bad', files: ['a'] }]
    await expect(open({}, { lists })).rejects.toMatchObject({ code: 'input-missing' })
    await expect(open({ a: '# nothing\n' }, { lists })).rejects.toMatchObject({
      code: 'input-missing',
    })
    const warnings: string[] = []
    await open({ a: 'bad.example\n/regex/\ntwo words\n' }, { lists }, warnings)
    expect(warnings).toEqual(['list bad: 2 lines list no domain or path and had no effect'])
  })
})

describe('actions', () => {
  const files = { bad: 'bad.example', ours: 'ours.example\ngood.bad.example' }
  const lists = Object.keys(files).map((name) => ({ name, files: [name] }))
  const urls = [
    'https://bad.example/',
    'https://good.bad.example/',
    'https://ours.example/',
    'https://x.example/',
    '',
  ]
  const outcome = async (actions: Options['actions']) =>
    applyFilter(
      await open(files, { lists, actions }),
      urls.map((url) => prose('نص', { url })),
    )

  it('allow, keep only, drop or note, whatever the order', async () => {
    const drop = 'listed-domain'
    expect((await outcome({})).verdicts).toEqual([drop, drop, drop, undefined, undefined])
    expect((await outcome({ ours: 'allow' })).verdicts).toEqual([
      drop,
      ...urls.slice(1).map(() => undefined),
    ])
    expect((await outcome({ ours: 'note', bad: 'note' })).verdicts).toEqual(
      urls.map(() => undefined),
    )
    expect((await outcome({ ours: 'keep-only' })).verdicts).toEqual([
      drop,
      drop,
      undefined,
      'unlisted',
      'unlisted',
    ])
  })

  it('name every list in the ledger', async () => {
    const { values } = await outcome({})
    expect(values.map(({ domainLists }) => domainLists)).toEqual([
      'bad',
      'bad+ours',
      'ours',
      '',
      '',
    ])
  })

  it('are given for lists that exist, whose names differ', () => {
    expect(urlLists.options.safeParse({ lists, actions: { our: 'allow' } }).success).toBe(false)
    expect(urlLists.options.safeParse({ lists: [...lists, ...lists] }).success).toBe(false)
  })
})

describe('opting out', () => {
  const directives = async (metadata: Record<string, string | number | string[]>) => {
    const filter = await open({}, {})
    const { values, verdicts: found } = applyFilter(filter, [prose('text', { metadata })])
    expect(found[0]).toBe(values[0]?.optOut === '' ? undefined : 'opt-out')
    return values[0]?.optOut
  }

  it.each([
    [{ robots: 'NOINDEX, nofollow' }, 'noindex'],
    [{ robots: 'none' }, 'none'],
    [{ robots: 'noai, noimageai' }, 'noai+noimageai'],
    [{ 'X-Robots-Tag': 'max-snippet: 20, noai' }, 'noai'],
    [{ x_robots_tag: ['googlebot: noindex', '*: noai'] }, 'noai'],
    [{ x_robots_tag: 'unavailable_after: 25 Jun 2030 15:00:00 PST, noindex' }, 'noindex'],
    [{ 'tdm-reservation': '1' }, 'tdm-reservation'],
    [{ tdm_reservation: 1 }, 'tdm-reservation'],
    [{ 'tdm-reservation': 0, robots: 'index, follow' }, ''],
    [{ title: 'robots: noai' }, ''],
    [{ robots: 'noarchive' }, ''],
    [{ x_robots_tag: 'googlebot: noindex, noai' }, ''],
  ] as const)('is read from %j', async (metadata, found) => {
    expect(await directives(metadata as never)).toBe(found)
  })

  it('drops only for the directives that are asked for', async () => {
    const filter = await open({}, { optOuts: ['tdm-reservation'] })
    const documents = [{ robots: 'noindex' }, { tdm_reservation: '1' }].map((metadata) =>
      prose('نص', { metadata }),
    )
    expect(applyFilter(filter, documents).verdicts).toEqual([undefined, 'opt-out'])
  })
})

describe('addresses', () => {
  it('have one spelling', () => {
    expect(addressOf('HTTPS://Example.COM.:443/a/../b/?q=%c3%a9%2f#x')).toEqual({
      host: 'example.com',
      path: '/b/?q=é%2F',
    })
    expect(addressOf('http://[2001:DB8::1]/')).toEqual({ host: '[2001:db8::1]', path: '' })
    expect(addressOf('http://')).toBeUndefined()
  })

  it('are read in linear time, however long', () => {
    for (const part of ['/', '.', '%2F', '%', 'a/', '@', '?', 'ـ']) {
      const url = `https://example.com/${part.repeat(300_000)}x`
      const start = process.cpuUsage().user
      addressOf(url)
      rulesOf(url.slice(0, 8000))
      expect((process.cpuUsage().user - start) / 1e6, part).toBeLessThan(2)
    }
  })
})

describe('a set of keys', () => {
  it('holds what was added, in about 8 bytes each, and tells a million domains apart', () => {
    const keys = addressKeys()
    const builder = keySetBuilder()
    const host = (n: number) => `site-${n.toString(36)}.example`
    for (let n = 0; n < 500_000; n++) {
      keys.read({ host: host(n), path: '' })
      keys.whole(builder.add)
      if (n % 2 === 0) keys.whole(builder.add)
    }
    const set = builder.finish()
    expect(set.size).toBe(500_000)
    expect(set.bytes / set.size).toBeLessThan(8.6)
    let found = 0
    for (let n = 0; n < 1_000_000; n++) {
      keys.read({ host: host(n), path: '' })
      if (keys.whole(set.has)) found++
    }
    expect(found).toBe(500_000)
  })

  it('may be empty', () => {
    expect(keySetBuilder().finish().has(0, 0)).toBe(false)
  })
})
