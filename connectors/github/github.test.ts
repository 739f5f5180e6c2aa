import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { expect, it } from 'vitest'
import { collect, readItems, testConnector } from '../../src/testing/connector.ts'
import { testContext } from '../../src/testing/context.ts'
import { parseAttributes } from './exclusions.ts'
import { github } from './index.ts'
import { languageDetector } from './languages.ts'
import { isAllowed, licenseOf } from './license.ts'

testConnector({ component: github, folder: import.meta.dirname })

/** Documents by key, and skip reasons by path. */
async function read(folder: string, input: string, extra: object = {}) {
  const connector = await github.create(
    github.options.parse({ input, ...extra }),
    testContext(folder),
  )
  const documents = new Map<
    string,
    { text: string; kind: string; lang?: string; license?: string; metadata?: object }
  >()
  const skipped: Record<string, string> = {}
  for (const partition of await collect(connector.partitions())) {
    for (const item of await readItems(connector, partition)) {
      if ('document' in item) documents.set(String(item.document.key), item.document as never)
      else if ('skipped' in item)
        skipped[item.where.slice(item.where.indexOf('/') + 1)] = item.skipped
    }
  }
  return { documents, skipped }
}

const EXPECTED_SKIPS = {
  'docs/broken.ipynb': 'malformed-notebook',
  'legacy/LICENSE': 'no-license',
  'legacy/old.c': 'no-license',
  'package-lock.json': 'generated',
  'src/blob.txt': 'binary',
  'src/bundle.js': 'minified',
  'src/latin.py': 'invalid-utf8',
  'src/matrix.hpp': 'license-not-allowed',
  'src/tables.js': 'generated',
  'vendor/jquery.js': 'vendored',
}

it('reads what the licence allows and gives a reason for every skipped file', async () => {
  const { documents, skipped } = await read(import.meta.dirname, 'fixtures/lantern')
  expect(skipped).toMatchObject(EXPECTED_SKIPS)
  expect([...documents.keys()].sort()).toEqual([
    'lantern/LICENSE',
    'lantern/README.md',
    'lantern/docs/orbit.ipynb',
    'lantern/src/phase.h',
    'lantern/src/phase.py',
  ])
  expect(documents.get('lantern/src/phase.py')).toMatchObject({
    kind: 'code',
    lang: 'python',
    license: 'MIT',
    metadata: { language: 'Python', so_refs: [11759992], license_source: 'file' },
  })
  expect(documents.get('lantern/src/phase.py')?.text).toContain('عمر القمر')
  expect(documents.get('lantern/README.md')).toMatchObject({ kind: 'prose' })
  expect(documents.get('lantern/docs/orbit.ipynb')).toMatchObject({
    kind: 'mixed',
    text: '# Orbit\nA short look.\n\n```python\nprint(1)\n```',
  })
})

it('reads clones with their remote and commit, and archives like folders', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'github-'))
  const sha = 'a'.repeat(40)
  await cp(join(import.meta.dirname, 'fixtures/lantern'), join(folder, 'clones/one'), {
    recursive: true,
  })
  await mkdir(join(folder, 'clones/one/.git/refs/heads'), { recursive: true })
  await writeFile(join(folder, 'clones/one/.git/HEAD'), 'ref: refs/heads/main\n')
  await writeFile(join(folder, 'clones/one/.git/refs/heads/main'), `${sha}\n`)
  await writeFile(
    join(folder, 'clones/one/.git/config'),
    '[remote "origin"]\n\turl = git@github.com:sky/lantern.git\n',
  )
  const { documents } = await read(folder, 'clones')
  const file = documents.get('sky/lantern/src/phase.py')
  expect(file).toMatchObject({ url: `https://github.com/sky/lantern/blob/${sha}/src/phase.py` })

  const archive = pack()
  archive.entry(
    { name: 'sky-lantern-abc/LICENSE' },
    'Permission is hereby granted, free of charge, ' +
      'the above copyright notice and this permission notice',
  )
  archive.entry({ name: 'sky-lantern-abc/a.py' }, 'print("نجم")\n')
  archive.entry({ name: '../../etc/evil.py' }, 'print(1)\n')
  archive.entry({ name: 'sky-lantern-abc/link.py', type: 'symlink', linkname: '/etc/passwd' })
  archive.entry({ name: 'sky-lantern-abc/zeros.py' }, Buffer.alloc(3 << 20))
  archive.finalize()
  await writeFile(join(folder, 'sky-lantern.tar.gz'), await buffer(archive.pipe(createGzip())))
  const packed = await read(folder, '*.tar.gz')
  expect(packed.documents.get('sky-lantern/a.py')).toMatchObject({
    license: 'MIT',
    text: 'print("نجم")\n',
  })
  expect(packed.skipped).toEqual({
    '../../etc/evil.py': 'unsafe-path',
    'link.py': 'link',
    'zeros.py': 'file-too-large',
  })
})

it('does not follow links out of a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'github-'))
  await cp(join(import.meta.dirname, 'fixtures/lantern'), join(folder, 'one'), { recursive: true })
  await writeFile(join(folder, 'secret.py'), 'password = 1\n')
  await symlink(join(folder, 'secret.py'), join(folder, 'one/src/link.py'))
  const { documents } = await read(folder, 'one')
  expect([...documents.keys()].some((key) => key.includes('link.py'))).toBe(false)
})

it('recognises licences and takes no unknown text for a permission', () => {
  expect(licenseOf('Apache License\n   Version 2.0, January 2004')).toBe('Apache-2.0')
  expect(licenseOf('GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007')).toBe('GPL-3.0-only')
  expect(licenseOf('Do as you like, mostly.')).toBeUndefined()
  expect(
    licenseOf('"Commons Clause" License Condition. Apache License Version 2.0'),
  ).toBeUndefined()
  const allowed = new Set(['MIT', 'Apache-2.0'])
  expect(isAllowed('MIT OR GPL-3.0-only', allowed)).toBe(true)
  expect(isAllowed('(MIT AND GPL-3.0-only)', allowed)).toBe(false)
  expect(isAllowed('Apache-2.0 WITH LLVM-exception', allowed)).toBe(true)
  expect(isAllowed('NOASSERTION', allowed)).toBe(false)
})

it('tells languages that share an extension apart by their content', () => {
  const languageOf = languageDetector()
  expect(languageOf('a.h', '#include <vector>\nclass A { public: int b; };')?.name).toBe('C++')
  expect(languageOf('a.h', '@interface Moon : NSObject\n@end')?.name).toBe('Objective-C')
  expect(languageOf('a.m', 'function y = f(x)\n% comment\nend')?.name).toBe('MATLAB')
  expect(languageOf('bin/run', '#!/usr/bin/env python3\n')?.name).toBe('Python')
  expect(languageOf('Dockerfile', 'FROM scratch')?.name).toBe('Dockerfile')
})

it('prefers the attributes of the repository to the general rules', () => {
  const attributes = parseAttributes(
    '# rules\n*.pb.go linguist-generated\nvendor/ours/** -linguist-vendored\n',
  )
  expect(attributes.of('api/x.pb.go')).toEqual({ generated: true })
  expect(attributes.of('vendor/ours/deep/a.js')).toEqual({ vendored: false })
  expect(attributes.of('vendor/theirs/a.js')).toEqual({})
})
