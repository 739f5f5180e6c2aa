import { isUtf8 } from 'node:buffer'

/** Web encoding labels by their `inputenc` name. Latin-1 is read as Windows-1252, as on the Web. */
const ENCODINGS = new Map(
  Object.entries({
    latin2: 'iso-8859-2',
    latin3: 'iso-8859-3',
    latin4: 'iso-8859-4',
    latin5: 'windows-1254',
    latin9: 'iso-8859-15',
    latin10: 'iso-8859-16',
    cp1250: 'windows-1250',
    cp1251: 'windows-1251',
    cp1256: 'windows-1256',
    'koi8-r': 'koi8-r',
    applemac: 'macintosh',
  }),
)

/**
 * Decodes TeX: as UTF-8 if valid, otherwise in the encoding that `inputenc` declares, otherwise as
 * Latin-1. Returns undefined if the file is binary.
 */
export function decodeTex(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  if (isUtf8(bytes)) return new TextDecoder('utf-8').decode(bytes)
  const start = Buffer.from(
    bytes.buffer,
    bytes.byteOffset,
    Math.min(bytes.length, 20_000),
  ).toString('latin1')
  const declared = /\\usepackage\[([\w-]{1,20})\]\{inputenc\}/.exec(start)?.[1] ?? ''
  return new TextDecoder(ENCODINGS.get(declared) ?? 'windows-1252').decode(bytes)
}
