import { EtlError } from '../../src/core/errors.ts'
import { findProgram, pipeThrough } from '../../src/files/program.ts'
import type { Engine, Language, ReadLine, ReadWord } from './engine.ts'
import { type Grey, pgm } from './raster.ts'

/**
 * An engine that runs the tesseract installed on this machine, about twice as fast as the embedded
 * one. Undefined if tesseract or its language data is missing.
 */
export async function localEngine(
  language: Language,
  parallel: number,
): Promise<Engine | undefined> {
  const program = await findProgram('tesseract')
  if (program === undefined) return undefined
  const languages = await output(program, ['--list-langs'], 'tesseract')
  if (!languages.split(/\s+/).includes(language)) return undefined
  const version =
    /tesseract v?(\S+)/.exec(await output(program, ['--version'], 'tesseract'))?.[1] ??
    'of unknown version'
  const args = ['stdin', 'stdout', '-l', language, '--oem', '1', '--psm', '6', 'tsv']
  return {
    name: `tesseract ${version}`,
    parallel,
    read: async (column) => linesOf(await output(program, args, 'tesseract', pgm(column))),
    close: async () => {},
  }
}

async function output(
  program: string,
  args: string[],
  where: string,
  input?: Uint8Array,
): Promise<string> {
  return new TextDecoder().decode(await outputBytes(program, args, where, input))
}

async function outputBytes(
  program: string,
  args: string[],
  where: string,
  input?: Uint8Array,
): Promise<Buffer> {
  const pipe = { program, args, where, ...(input === undefined ? {} : { input: once(input) }) }
  const chunks: Uint8Array[] = []
  for await (const chunk of pipeThrough(pipe)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

/**
 * Parses tesseract's TSV output. Its columns are level, page, block, paragraph, line, word, left,
 * top, width, height, confidence and text.
 */
export function linesOf(table: string): ReadLine[] {
  const lines = new Map<string, { words: ReadWord[]; left: number; right: number }>()
  for (const row of table.split('\n')) {
    const cells = row.split('\t')
    const [level, left, width, confidence] = [
      cells[0],
      Number(cells[6]),
      Number(cells[8]),
      Number(cells[10]),
    ]
    const name = cells.slice(1, 5).join(' ')
    if (level === '4') lines.set(name, { words: [], left, right: left + width })
    else if (level === '5') lines.get(name)?.words.push({ text: cells[11] ?? '', confidence })
  }
  return [...lines.values()]
}

/** Renders a page of a PDF in grey, ten times as fast as pdf.js. Page numbers start at 1. */
export type PageRenderer = (pdf: string, page: number, dpi: number) => Promise<Grey>

/** A renderer that runs the pdftoppm installed on this machine; undefined if there is none. */
export async function localRenderer(): Promise<PageRenderer | undefined> {
  const program = await findProgram('pdftoppm')
  if (program === undefined) return undefined
  return async (pdf, page, dpi) => {
    const args = ['-gray', '-r', dpi.toFixed(2), '-f', String(page), '-l', String(page), pdf]
    return parsePgm(await outputBytes(program, args, pdf), pdf)
  }
}

/** Parses a binary PGM file with a maximum value of 255. */
function parsePgm(file: Buffer, where: string): Grey {
  const header = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(file.toString('latin1', 0, 64))
  const [width, height] = [Number(header?.[1] ?? 0), Number(header?.[2] ?? 0)]
  const data = file.subarray(header?.[0].length ?? 0)
  if (width * height === 0 || data.length < width * height) {
    throw new EtlError('input-corrupt', { where, what: 'pdftoppm did not render a whole page' })
  }
  return { width, height, data: data.subarray(0, width * height) }
}
