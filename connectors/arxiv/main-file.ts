import type { TexFiles } from '../../src/text/latex/convert.ts'

/** What the authors say about their files: `toplevel`, `include` or `ignore`. */
export type Readme = ReadonlyMap<string, string>

/** Reads `00README.json`, or the older `00README.XXX` with a file and a word on each line. */
export function readmeOf(name: string, bytes: Uint8Array): Readme {
  const text = Buffer.from(bytes).toString('utf8')
  if (!name.endsWith('.json')) {
    const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
    return new Map(
      lines.map(([file = '', word = '']) => [file, word.replace('toplevelfile', 'toplevel')]),
    )
  }
  try {
    const { sources } = JSON.parse(text) as { sources?: { filename?: string; usage?: string }[] }
    return new Map(
      (Array.isArray(sources) ? sources : []).map((one) => [
        String(one?.filename),
        String(one?.usage),
      ]),
    )
  } catch {
    return new Map()
  }
}

const depthOf = (path: string): number => path.split('/').length

/**
 * The file a paper begins in: what the authors name, else the one with a class and a beginning of
 * the document, else one that looks like plain TeX. Of several the one nearest to the root, then
 * the largest, then the first by name.
 */
export function chooseMain(files: TexFiles, readme: Readme): string | undefined {
  const all = [...files].filter(([path]) => !path.endsWith('.sty') && readme.get(path) !== 'ignore')
  const best = (wanted: (text: string, path: string) => boolean): string | undefined =>
    all
      .filter(([path, text]) => wanted(text, path))
      .sort(
        ([a, left], [b, right]) =>
          depthOf(a) - depthOf(b) || right.length - left.length || (a < b ? -1 : 1),
      )[0]?.[0]
  return (
    best((_, path) => readme.get(path) === 'toplevel') ??
    best(
      (text) => /\\document(?:class|style)\b/.test(text) && text.includes('\\begin{document}'),
    ) ??
    best((text) => text.includes('\\begin{document}')) ??
    best((text) => /\\(?:magnification|bye|end|centerline|def|section)(?![A-Za-z])/.test(text))
  )
}
