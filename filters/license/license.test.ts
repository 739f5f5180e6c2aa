import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, batchOf, measureArrays, prose, testFilter } from '../../src/testing/filter.ts'
import { parseLicense, printLicense } from './expression.ts'
import { license } from './index.ts'
import { IDENTIFIERS } from './resolve.ts'
import { EXCEPTIONS } from './spdx-ids.ts'

testFilter({
  component: license,
  documents: [
    prose('An article.', { license: 'CC BY-SA 4.0' }),
    prose('مقال', { license: 'https://creativecommons.org/licenses/by-nc/4.0/deed.ar' }),
    prose('nothing'),
  ],
})

type Options = z.input<typeof license.options>
const normal = (text: string): string => printLicense(parseLicense(text))

async function verdicts(
  options: Options,
  licenses: readonly (string | undefined)[],
  source = 'test',
) {
  const filter = await license.create(license.options.parse(options), testContext('/'))
  const batch = batchOf(
    licenses.map((one) => prose('text نص', one === undefined ? {} : { license: one })),
    source,
  )
  const { measures, valuesOf } = measureArrays(filter, batch.rows)
  filter.measure(batch, measures)
  return licenses.map((_, row) =>
    filter.judge({ kind: 'prose', lang: 'en', values: valuesOf(row) }),
  )
}

describe('names', () => {
  it.each([
    // What the connectors write.
    ['CC-BY-SA-2.5 AND CC-BY-SA-4.0', 'CC-BY-SA-2.5 AND CC-BY-SA-4.0'],
    [
      'http://arxiv.org/licenses/nonexclusive-distrib/1.0/',
      'LicenseRef-arXiv-nonexclusive-distrib-1.0',
    ],
    ['https://arxiv.org/licenses/assumed-1991-2003/', 'LicenseRef-arXiv-assumed-1991-2003'],
    ['https://redditinc.com/policies/user-agreement', 'LicenseRef-Reddit-user-agreement'],
    ['https://www.ycombinator.com/legal/', 'LicenseRef-YCombinator-terms'],
    ['GPL-2.0+ WITH Classpath-exception-2.0', 'GPL-2.0-or-later WITH Classpath-exception-2.0'],
    // Creative Commons.
    ['https://creativecommons.org/licenses/by-sa/4.0/', 'CC-BY-SA-4.0'],
    ['http://creativecommons.org/licenses/by-sa/3.0/deed.ar', 'CC-BY-SA-3.0'],
    ['//creativecommons.org/licenses/by-nc-nd/4.0/legalcode.en', 'CC-BY-NC-ND-4.0'],
    ['https://creativecommons.org/licenses/by/3.0/igo/', 'CC-BY-3.0-IGO'],
    ['creativecommons.org/publicdomain/zero/1.0', 'CC0-1.0'],
    ['https://creativecommons.org/publicdomain/mark/1.0/', 'CC-PDM-1.0'],
    ['CC BY-SA 4.0', 'CC-BY-SA-4.0'],
    ['cc-by-nc-sa-4.0', 'CC-BY-NC-SA-4.0'],
    ['CC BY-SA-NC 4.0 International', 'CC-BY-NC-SA-4.0'],
    ['Creative Commons Attribution-ShareAlike 3.0 Unported License', 'CC-BY-SA-3.0'],
    ['Creative Commons Attribution 4.0 International (CC BY 4.0)', 'CC-BY-4.0'],
    ['Creative Commons Zero v1.0 Universal', 'CC0-1.0'],
    ['CC BY-SA', 'LicenseRef-CC-BY-SA'],
    ['رخصة المشاع الإبداعي نَسب المُصنَّف - الترخيص بالمثل ٤٫٠', 'CC-BY-SA-4.0'],
    ['رخصة المشاع الإبداعي: النسبة، غير التجاري 4.0 دولي', 'CC-BY-NC-4.0'],
    ['رخصة جنو للوثائق الحرة', 'GFDL-1.1-or-later'],
    // Software.
    ['Apache License 2.0', 'Apache-2.0'],
    ['Apache License, Version 2.0', 'Apache-2.0'],
    ['License :: OSI Approved :: Apache Software License', 'Apache-2.0'],
    ['http://www.apache.org/licenses/LICENSE-2.0.txt', 'Apache-2.0'],
    ['apache2', 'Apache-2.0'],
    ['The MIT License (MIT)', 'MIT'],
    ['Expat', 'MIT'],
    ['https://opensource.org/licenses/MIT', 'MIT'],
    ['BSD 3-Clause "New" or "Revised" License', 'BSD-3-Clause'],
    ['New BSD License', 'BSD-3-Clause'],
    ['BSD-2', 'BSD-2-Clause'],
    ['SAX-PD License', 'SAX-PD'],
    ['BSD', 'LicenseRef-BSD'],
    ['GPLv3', 'GPL-3.0-only'],
    ['GPL (>= 2)', 'GPL-2.0-or-later'],
    ['GNU General Public License v2 or later (GPLv2+)', 'GPL-2.0-or-later'],
    ['GNU Lesser General Public License v2.1', 'LGPL-2.1-only'],
    ['GNU Affero General Public License v3.0 only', 'AGPL-3.0-only'],
    ['https://www.gnu.org/licenses/old-licenses/gpl-2.0.en.html', 'GPL-2.0-only'],
    ['https://www.gnu.org/licenses/fdl-1.3.html', 'GFDL-1.3-only'],
    ['GFDL', 'GFDL-1.1-or-later'],
    ['GPL', 'GPL-1.0-or-later'],
    ['MPL 2.0', 'MPL-2.0'],
    ['Public Domain', 'LicenseRef-public-domain'],
    ['ملكية عامة', 'LicenseRef-public-domain'],
    ['جميع الحقوق محفوظة', 'LicenseRef-all-rights-reserved'],
    ['All rights reserved.', 'LicenseRef-all-rights-reserved'],
    ['licenseref-Our-Terms', 'licenseref-Our-Terms'],
    // Expressions.
    ['MIT OR Apache-2.0', 'MIT OR Apache-2.0'],
    ['mit or apache-2.0', 'MIT OR Apache-2.0'],
    ['MIT/Apache-2.0', 'MIT OR Apache-2.0'],
    ['GPL-2 | GPL-3', 'GPL-2.0-only OR GPL-3.0-only'],
    ['(MIT AND (BSD-3-Clause OR GPL-2.0+))', 'MIT AND (BSD-3-Clause OR GPL-2.0-or-later)'],
    ['MIT AND MIT', 'MIT'],
    ['Apache License 2.0 AND CC BY 4.0', 'Apache-2.0 AND CC-BY-4.0'],
    ['MIT, BSD-3-Clause and ISC', 'MIT AND BSD-3-Clause AND ISC'],
    ['EPL-2.0+', 'EPL-2.0+'],
    ['MIT OR OurOwn-1.0', 'MIT OR NOASSERTION'],
    ['MIT, our own', 'MIT AND NOASSERTION'],
    ['MIT or a licence of our own', 'NOASSERTION'],
    ['GFDL 1.2 or later, no invariants', 'GFDL-1.2-no-invariants-or-later'],
    ['GFDL 1.2 or whatever', 'NOASSERTION'],
    // What is not known, or may take something away.
    ['', 'NOASSERTION'],
    ['NOASSERTION', 'NOASSERTION'],
    ['other', 'NOASSERTION'],
    ['Apache-2.0 WITH Commons-Clause', 'NOASSERTION'],
    ['MIT (non-commercial use only)', 'NOASSERTION'],
    ['MIT-like', 'NOASSERTION'],
    ['Apache-2.0 AND', 'NOASSERTION'],
    ['((MIT)', 'NOASSERTION'],
    ['/license', 'NOASSERTION'],
    ['https://example.com/licenses/by/4.0/', 'NOASSERTION'],
    ['You may use the text as you like under the MIT License.', 'NOASSERTION'],
  ])('%j is %s', (text, expression) => {
    expect(normal(text)).toBe(expression)
  })

  it('that SPDX has are their own normal form, except the deprecated ones of GNU', () => {
    const changed = IDENTIFIERS.filter((id) => normal(id) !== id)
    expect(changed.sort()).toEqual([
      ...['AGPL-1.0', 'AGPL-3.0', 'GFDL-1.1', 'GFDL-1.2', 'GFDL-1.3'],
      ...['GPL-1.0', 'GPL-2.0', 'GPL-3.0', 'LGPL-2.0', 'LGPL-2.1', 'LGPL-3.0'],
    ])
    expect(IDENTIFIERS.length).toBeGreaterThan(700)
    expect(normal(`mit with ${EXCEPTIONS[0]?.toUpperCase()}`)).toBe(`MIT WITH ${EXCEPTIONS[0]}`)
  })

  it('of a normal form are read back to the same', () => {
    const parts = [
      'MIT',
      'GPL-2.0+',
      'nonsense',
      '(ISC OR MIT)',
      'CC BY-SA',
      'LGPL-2.1 WITH GCC-exception-3.1',
    ]
    for (const a of parts)
      for (const b of parts)
        for (const operator of ['AND', 'OR']) {
          const once = normal(`${a} ${operator} ${b}`)
          expect(normal(once)).toBe(once)
        }
  })

  it('are read in linear time, however long', () => {
    for (const part of ['(', 'MIT OR ', 'a', '1', ' ', '/', 'https://', '> ', 'نص ', '😀'])
      for (const length of [290, 990, 1_000_000]) {
        const text = part.repeat(Math.ceil(length / part.length))
        const start = process.cpuUsage().user
        normal(text)
        expect((process.cpuUsage().user - start) / 1e6, part).toBeLessThan(0.5)
      }
  })
})

describe('a policy', () => {
  it('allows by identifier, spelling, pattern and family', async () => {
    const allow = ['Apache 2', 'CC-BY-*', 'public-domain', 'LicenseRef-Ours']
    const licenses = [
      'Apache-2.0',
      'CC BY 4.0',
      'CC BY-SA',
      'CC0-1.0',
      'Public Domain',
      'LicenseRef-Ours',
      'MIT',
    ]
    expect(await verdicts({ allow }, licenses)).toEqual([
      ...licenses.slice(1).map(() => undefined),
      'license-not-allowed',
    ])
  })

  it('denies what it allows elsewhere', async () => {
    const options = { allow: ['creative-commons'], deny: ['non-commercial', 'no-derivatives'] }
    expect(
      await verdicts(options, ['CC-BY-4.0', 'CC-BY-NC-4.0', 'CC BY-ND', 'CC-BY-NC-ND-4.0']),
    ).toEqual([undefined, 'license-denied', 'license-denied', 'license-denied'])
  })

  it('needs one of alternatives and all that hold together', async () => {
    const options = { allow: ['permissive'], deny: ['GPL-3.0-*'] }
    expect(
      await verdicts(options, [
        'MIT OR GPL-3.0',
        'MIT AND GPL-3.0',
        'MIT AND MPL-2.0',
        'GPL-3.0 OR MPL-2.0',
        'MIT AND (ISC OR GPL-2.0)',
        'MIT OR Else-1.0',
        'MIT AND Else-1.0',
      ]),
    ).toEqual([
      undefined,
      'license-denied',
      'license-not-allowed',
      'license-not-allowed',
      undefined,
      undefined,
      'license-unknown',
    ])
  })

  it('treats an exception as its licence, unless it is named itself', async () => {
    const text = 'GPL-2.0-only WITH Classpath-exception-2.0'
    expect(await verdicts({ allow: ['copyleft'] }, [text])).toEqual([undefined])
    expect(await verdicts({ allow: [text] }, [text, 'GPL-2.0-only'])).toEqual([
      undefined,
      'license-not-allowed',
    ])
  })

  it('keeps or drops what is not known', async () => {
    const licenses = [undefined, 'our terms', 'NOASSERTION', 'شروطنا', 'GPL-3.0']
    const unknown = 'license-unknown'
    expect(await verdicts({}, licenses)).toEqual([unknown, unknown, unknown, unknown, undefined])
    expect(await verdicts({ allow: ['MIT'], unknown: 'keep' }, licenses)).toEqual([
      ...[undefined, undefined, undefined, undefined],
      'license-not-allowed',
    ])
  })

  it('may differ by source', async () => {
    const options: Options = {
      allow: ['permissive'],
      bySource: { forum: { allow: ['CC-BY-SA-*'], unknown: 'keep' } },
    }
    const licenses = ['MIT', 'CC-BY-SA-4.0', 'our terms']
    expect(await verdicts(options, licenses, 'forum')).toEqual([
      'license-not-allowed',
      undefined,
      undefined,
    ])
    expect(await verdicts(options, licenses, 'wiki')).toEqual([
      undefined,
      'license-not-allowed',
      'license-unknown',
    ])
  })

  it('does not take names that mean nothing', () => {
    for (const allow of [['Apache-3.0'], ['premissive'], ['XYZ-*'], ['MIT OR ISC'], ['toString']])
      expect(license.options.safeParse({ allow }).success).toBe(false)
  })
})

it('the ledger has the expression, and the wording where it is not known', async () => {
  const filter = await license.create(license.options.parse({}), testContext('/'))
  const documents = ['Apache License 2.0', 'شروط الموقع', ''].map((one) =>
    prose('نص', { license: one }),
  )
  expect(applyFilter(filter, documents).values).toEqual([
    { license: 'Apache-2.0', known: 1, wording: '', source: 'test' },
    { license: 'NOASSERTION', known: 0, wording: 'شروط الموقع', source: 'test' },
    { license: 'NOASSERTION', known: 0, wording: '', source: 'test' },
  ])
})
