import type { TexFiles } from '../../src/text/latex/convert.ts'

/** The usage that the authors declare for their files: `toplevel`, `include` or `ignore`. */
export type Readme = ReadonlyMap<string, string>

/**
 * Reads `00README.json`, or the older `00README.XXX`, which has a file name and a usage on each
 * line.
 */
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
 * Chooses the file that a paper starts in: the one the authors name, otherwise one with a document
 * class and a start of the document, otherwise one with a start of the document, otherwise one that
 * looks like plain TeX. Among several it takes the one closest to the root, then the largest, then
 * the first by name.
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
