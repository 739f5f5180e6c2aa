/** Licences that allow redistribution with a notice: the default of the `licenses` option. */
export const PERMISSIVE = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'ISC',
  'Unlicense',
  'CC0-1.0',
  'Zlib',
  'BSL-1.0',
  'Python-2.0',
  'PostgreSQL',
  'NCSA',
  'X11',
  'WTFPL',
] as const

/** Whether the name of a file is a usual one for licence files. */
export function isLicenseFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return /^(?:un)?licen[cs]e(?:[-_.].*)?$|^copying(?:[-_.].*)?$|^.*\.licen[cs]e$/i.test(name)
}

/**
 * Phrases of licence texts, most specific first. The first rule whose phrases all occur names the
 * licence.
 */
const TEXTS: readonly (readonly [spdx: string, ...phrases: string[]])[] = [
  ['AGPL-3.0-only', 'gnu affero general public license', 'version 3'],
  ['LGPL-3.0-only', 'gnu lesser general public license', 'version 3'],
  ['LGPL-2.1-only', 'gnu lesser general public license', 'version 2.1'],
  ['GPL-3.0-only', 'gnu general public license', 'version 3'],
  ['GPL-2.0-only', 'gnu general public license', 'version 2'],
  ['MPL-2.0', 'mozilla public license', '2.0'],
  ['EPL-2.0', 'eclipse public license', '2.0'],
  ['BUSL-1.1', 'business source license 1.1'],
  ['SSPL-1.0', 'server side public license'],
  ['Elastic-2.0', 'elastic license 2.0'],
  ['CC-BY-NC-4.0', 'creative commons', 'noncommercial'],
  ['CC-BY-SA-4.0', 'creative commons', 'sharealike'],
  ['CC0-1.0', 'cc0 1.0 universal'],
  ['CC-BY-4.0', 'creative commons', 'attribution 4.0'],
  ['Apache-2.0', 'apache license', 'version 2.0'],
  ['BSL-1.0', 'boost software license'],
  ['Unlicense', 'this is free and unencumbered software released into the public domain'],
  ['WTFPL', 'do what the fuck you want to'],
  ['Python-2.0', 'python software foundation license'],
  ['NCSA', 'university of illinois', 'neither the names of'],
  [
    'PostgreSQL',
    'permission to use, copy, modify, and distribute this software and its documentation for any purpose',
    'without fee',
  ],
  ['X11', 'permission is hereby granted, free of charge', 'except as contained in this notice'],
  ['MIT-0', 'permission is hereby granted, free of charge', 'mit no attribution'],
  [
    'MIT',
    'permission is hereby granted, free of charge',
    'the above copyright notice and this permission notice',
  ],
  ['MIT-0', 'permission is hereby granted, free of charge'],
  [
    'BSD-4-Clause',
    'redistribution and use in source and binary forms',
    'all advertising materials',
  ],
  [
    'BSD-3-Clause',
    'redistribution and use in source and binary forms',
    'endorse or promote products',
  ],
  ['BSD-2-Clause', 'redistribution and use in source and binary forms'],
  [
    '0BSD',
    'permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.',
  ],
  ['ISC', 'permission to use, copy, modify, and/or distribute this software for any purpose'],
  ['ISC', 'permission to use, copy, modify, and distribute this software for any purpose'],
  ['Zlib', "this software is provided 'as-is'", 'altered source versions'],
]

/** Non-commercial and field-of-use additions that restrict an otherwise permissive licence. */
const RESTRICTIONS = ['commons clause', 'non-commercial', 'noncommercial use only']

/**
 * The SPDX identifier of a licence text. Returns undefined if the text is not recognised, which
 * counts as no permission.
 */
export function licenseOf(text: string): string | undefined {
  const plain = text
    .slice(0, 40_000)
    .toLowerCase()
    .replaceAll(/[\s*#"“”]+/g, ' ')
    .replaceAll('’', "'")
  const found = TEXTS.find(([, ...phrases]) =>
    phrases.every((phrase) => plain.includes(phrase)),
  )?.[0]
  if (found && !found.startsWith('CC-') && RESTRICTIONS.some((phrase) => plain.includes(phrase)))
    return undefined
  return found
}

/** The `SPDX-License-Identifier` in the first 4,000 characters of a file. */
export function headerLicense(text: string): string | undefined {
  return /SPDX-License-Identifier:\s*([^\s*]+(?:\s+(?:OR|AND|WITH)\s+[^\s*]+)*)/.exec(
    text.slice(0, 4000),
  )?.[1]
}

/**
 * Whether an SPDX expression permits use under the allowed licences: one side of an `OR` is enough,
 * an `AND` needs both. `NOASSERTION` and unknown names permit nothing.
 */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const plain = expression.replaceAll(/[()]/g, ' ')
  return plain.split(/\s+OR\s+/).some((side) =>
    side.split(/\s+AND\s+/).every((part) =>
      allowed.has(
        part
          .replace(/\s+WITH\s+.*/, '')
          .replace(/\+$/, '')
          .trim(),
      ),
    ),
  )
}
