/**
 * Addresses without scheme and `www.`, in lower case, without a file ending. `$1` and `$2` are what
 * the pattern caught; the result is folded like a name, unless it is a `LicenseRef-`.
 */
export const ADDRESSES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^creativecommons\.org\/licenses\/(l?gpl)\/(\d\.\d)$/, '$1 $2'],
  [/^gnu\.org\/(?:licenses|copyleft)\/(?:old-licenses\/)?library$/, 'lgpl 2.0'],
  [
    /^creativecommons\.org\/licenses\/([a-z-]+)\/(\d\.\d)(?:\/([a-z]{2}(?:-[a-z]+)?|igo))?$/,
    'cc $1 $2 $3',
  ],
  [/^creativecommons\.org\/licenses\/([a-z-]+)$/, 'cc $1'],
  [/^creativecommons\.org\/publicdomain\/zero\/1\.0$/, 'cc0 1.0'],
  [/^creativecommons\.org\/publicdomain\/mark\/1\.0$/, 'cc pdm 1.0'],
  [/^(?:web\.resource|creativecommons)\.org\/(?:cc|licenses)\/publicdomain$/, 'cc pddc'],
  [
    /^arxiv\.org\/licenses\/nonexclusive-distrib\/1\.0$/,
    'LicenseRef-arXiv-nonexclusive-distrib-1.0',
  ],
  [/^arxiv\.org\/licenses\/assumed-1991-2003$/, 'LicenseRef-arXiv-assumed-1991-2003'],
  [/^redditinc\.com\/policies\/user-agreement$/, 'LicenseRef-Reddit-user-agreement'],
  [/^ycombinator\.com\/legal$/, 'LicenseRef-YCombinator-terms'],
  [
    /^rightsstatements\.org\/(?:vocab|page)\/inc(?:-[a-z-]+)?\/1\.0$/,
    'LicenseRef-all-rights-reserved',
  ],
  [/^rightsstatements\.org\/(?:vocab|page)\/noc-us\/1\.0$/, 'LicenseRef-public-domain'],
  [/^opensource\.org\/licenses\/eclipse-1\.0$/, 'epl 1.0'],
  [/^opensource\.org\/licenses\/mozilla(1\.\d)$/, 'mpl $1'],
  [/^(?:opensource|spdx)\.org\/licenses?\/([\w.+-]+)$/, '$1'],
  [/^choosealicense\.com\/licenses\/([\w.+-]+)$/, '$1'],
  [/^apache\.org\/licenses\/license-(\d\.\d)$/, 'apache $1'],
  [
    /^gnu\.org\/(?:licenses|copyleft)\/(?:old-licenses\/)?(?:licenses\/)?fdl(?:-(\d\.\d))?(?:-standalone)?$/,
    'gfdl $1',
  ],
  [
    /^gnu\.org\/(?:licenses|copyleft)\/(?:old-licenses\/)?([al]?gpl|lesser)(?:-(\d\.\d))?(?:-standalone)?$/,
    '$1 $2',
  ],
  [/^mozilla\.org\/(?:[a-z]{2}-[a-z]{2}\/)?mpl(?:\/(?:mpl-)?(\d\.\d))?$/, 'mpl $1'],
  [/^eclipse\.org\/legal\/epl-v?(\d)[.-]?(\d)?$/, 'epl $1.$2'],
  [/^eclipse\.org\/org\/documents\/epl-2\.0(?:\/epl-2\.0)?$/, 'epl 2.0'],
  [/^mozilla\.(?:org|com)\/mpl\/(\d\.\d)(?:\/index)?$/, 'mpl $1'],
  [/^perlfoundation\.org\/artistic[_-]license[_-](\d)[_-]?(\d)$/, 'artistic $1.$2'],
  [/^cdla\.(?:io|dev)\/(permissive|sharing)-(\d)-(\d)$/, 'cdla $1 $2.$3'],
  [/^isc\.org\/(?:software|licenses|isc-license-1\.0)$/, 'isc'],
  [/^zlib\.net\/zlib_license$|^gzip\.org\/zlib\/zlib_license$/, 'zlib'],
  [/^sam\.zoy\.org\/wtfpl(?:\/copying)?$/, 'wtfpl'],
  [/^unlicense\.org$/, 'unlicense'],
  [/^wtfpl\.net(?:\/.*)?$/, 'wtfpl'],
  [/^boost\.org\/license_1_0$/, 'bsl 1.0'],
  [/^opendatacommons\.org\/licenses\/(by|odbl|pddl)(?:\/(?:summary|1-0|1\.0))?$/, 'odc $1'],
  [/^nationalarchives\.gov\.uk\/doc\/open-government-licence\/version\/(\d)$/, 'ogl uk $1.0'],
  [/^scripts\.sil\.org\/ofl(?:_web)?$/, 'ofl'],
  [/^python\.org\/psf\/license$/, 'psf'],
]
