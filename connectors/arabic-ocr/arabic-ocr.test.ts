import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCanvas } from '@napi-rs/canvas'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { z } from 'zod'
import type { Context } from '../../src/core/component.ts'
import { collect, readItems, testConnector } from '../../src/testing/connector.ts'
import { testContext } from '../../src/testing/context.ts'
import { arabicOcr } from './index.ts'
import { columnsOf, isSideways, linePitch, prepare, skewAngle } from './layout.ts'
import { linesOf, localEngine, localRenderer } from './local-programs.ts'
import { type Grey, greyOf, halfTurn, median, pgm, quarterTurn, resize, rotate } from './raster.ts'
import { textLines } from './text-items.ts'

const folder = import.meta.dirname
testConnector({ component: arabicOcr, folder })

const printed =
  'السماء في الليل\nنظر الراصد إلى السماء من فوق سطح المنزل، ' +
  'وكان الهواء صافيا والنجوم واضحة. ثم كتب في دفتره ما رآه عند الأفق.'

describe('arabic-ocr', () => {
  let scratch = ''
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'arabic-ocr-'))
  })
  afterAll(() => rm(scratch, { recursive: true, force: true }))

  async function read(
    input: string,
    more: Partial<z.input<typeof arabicOcr.options>> = {},
    context?: Partial<Context>,
  ) {
    const given = { ...testContext(scratch), cache: join(scratch, 'cache'), ...context }
    const connector = await arabicOcr.create(arabicOcr.options.parse({ input, ...more }), given)
    const items = []
    for (const partition of await collect(connector.partitions()))
      items.push(...(await readItems(connector, partition)))
    return items
  }
  const bookOf = (items: Awaited<ReturnType<typeof read>>) =>
    items.flatMap((item) => ('document' in item ? [item.document] : []))
  const reasonsOf = (items: Awaited<ReturnType<typeof read>>) =>
    items.flatMap((item) => ('skipped' in item ? [item.skipped] : []))

  it('recognises a page with its paragraphs, and uses the cache the second time', async () => {
    const cache = join(scratch, 'kept')
    const [book] = bookOf(await read(join(folder, 'fixtures/page.png'), {}, { cache }))
    expect(book).toMatchObject({ text: printed, kind: 'prose', lang: 'ar', items: 1 })
    expect(book?.metadata).toMatchObject({
      ocr_pages: 1,
      text_layer_pages: 0,
      page_numbers: [1],
      page_starts: [0],
    })
    const closed = {
      ...testContext(scratch).storage,
      create: () => Promise.reject(new Error('recognised again')),
    }
    expect(
      bookOf(await read(join(folder, 'fixtures/page.png'), {}, { cache, storage: closed })),
    ).toEqual([book])
  })

  it.each([
    ['upside down', halfTurn],
    ['on its left side', (page: Grey) => halfTurn(quarterTurn(page))],
    ['on its right side', quarterTurn],
  ])('turns a page that lies %s', async (_, turn) => {
    const upright = await pictureOf(join(folder, 'fixtures/page.png'))
    await writeFile(join(scratch, 'turned.png'), pngOf(turn(upright)))
    const [book] = bookOf(await read('turned.png'))
    expect(book).toMatchObject({ text: printed, metadata: { turned_pages: 1 } })
  })

  it('uses the sound text layer of a PDF instead of recognising its pages', async () => {
    await writeFile(
      join(scratch, 'english.pdf'),
      pdfOf(['The night sky is dark and clear.', 'A second page of plain text.']),
    )
    const [book] = bookOf(await read('english.pdf'))
    expect(book).toMatchObject({
      text: 'The night sky is dark and clear. A second page of plain text.',
      items: 2,
      metadata: { ocr_pages: 0, text_layer_pages: 2, page_numbers: [1, 2], page_starts: [0, 33] },
    })
  })

  it('restores reading order, letters and brackets of an Arabic text layer', async () => {
    const lines = [
      'نظر الراصد إلى السماء من فوق سطح المنزل',
      'في سنة (1996) ثم قال: لا شيء في هذا الأفق.',
    ]
    const items = await read(join(folder, 'fixtures/layer.pdf'))
    expect(bookOf(items)[0]).toMatchObject({ text: lines.join(' '), metadata: { ocr_pages: 0 } })
  })

  it('gives a reason for every skipped page or file, and reads the rest', async () => {
    const hostile = join(scratch, 'hostile')
    await rm(hostile, { recursive: true, force: true })
    const { mkdir } = await import('node:fs/promises')
    await mkdir(hostile)
    const page = await readFile(join(folder, 'fixtures/page.png'))
    const huge = Buffer.from(page)
    huge.writeUInt32BE(50_000, 16)
    huge.writeUInt32BE(50_000, 20)
    const white: Grey = { width: 200, height: 200, data: new Uint8Array(40_000).fill(255) }
    await Promise.all([
      writeFile(join(hostile, '1-empty.pdf'), ''),
      writeFile(join(hostile, '2-corrupt.pdf'), '%PDF-1.7 nothing behind it'),
      writeFile(join(hostile, '3-huge.png'), huge),
      writeFile(join(hostile, '4-cut.png'), page.subarray(0, 100)),
      writeFile(join(hostile, '5-white.png'), pngOf(white)),
      writeFile(join(hostile, '6-notes.txt'), 'not a page'),
      writeFile(join(hostile, '7-blank.pdf'), pdfOf([''])),
    ])
    const items = await read('hostile', { dpi: 72 })
    expect(reasonsOf(items)).toEqual([
      'empty-file',
      'corrupt-pdf',
      'picture-too-large',
      'corrupt-picture',
      'empty-page',
      'unknown-format',
      'empty-page',
    ])
    expect(items.find((item) => 'where' in item && item.where.startsWith('3'))).toMatchObject({
      where: '3-huge.png: 50000 × 50000 pixels',
    })
  })

  it('falls back to the embedded recogniser with a warning if tesseract is not found', async () => {
    vi.stubEnv('PATH', '')
    vi.resetModules()
    try {
      const { arabicOcr: fresh } = await import('./index.ts')
      const warnings: string[] = []
      const options = fresh.options.parse({ input: 'fixtures/page.png', programs: 'local' })
      const connector = await fresh.create(options, {
        ...testContext(folder, warnings),
        cache: join(scratch, 'local'),
      })
      for (const partition of await collect(connector.partitions())) {
        const [item] = await readItems(connector, partition)
        expect(item).toMatchObject({ document: { text: printed } })
      }
      expect(warnings).toEqual([
        'arabic-ocr: no tesseract with this language found, using the embedded one',
      ])
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('uses the programs of this machine if configured', async (test) => {
    const found = [await localEngine('ara', 1), await localRenderer()]
    if (found.includes(undefined)) return test.skip(`needs tesseract with ara, and pdftoppm`)
    const pages = await read(join(folder, 'fixtures/page.png'), {
      programs: 'local',
      minConfidence: 0,
    })
    expect(bookOf(pages)[0]?.metadata?.ocr_engine).toMatch(/^tesseract \d/)
    const layer = { programs: 'local', textLayer: 'ignored', minConfidence: 0 } as const
    expect(bookOf(await read(join(folder, 'fixtures/layer.pdf'), layer))[0]?.text).toContain(
      'السماء',
    )
  })

  it('skips pages with low confidence', async () => {
    const items = await read(join(folder, 'fixtures/page.png'), { minConfidence: 99 })
    expect(reasonsOf(items)).toEqual(['low-confidence'])
  })
})

describe('page pictures', () => {
  it('detects skew, line pitch, orientation and columns', () => {
    const lines = stripes(600, 600, [[40, 560]])
    expect(skewAngle(lines)).toBe(0)
    expect(Math.abs(skewAngle(rotate(lines, 2)) + 2)).toBeLessThanOrEqual(0.2)
    expect(linePitch(lines)).toBe(40)
    expect([isSideways(lines), isSideways(quarterTurn(lines))]).toEqual([false, true])
    expect(linePitch(resize(lines, 0.5))).toBe(20)
    const columns = columnsOf(
      stripes(600, 600, [
        [20, 270],
        [330, 580],
      ]),
    )
    expect(columns.map(([left, right]) => [left + 4, right - 4])).toEqual([
      [330, 580],
      [20, 270],
    ])
  })
  it('does not mistake strokes of large letters for lines', () => {
    const [width, height] = [300, 2000]
    const data = new Uint8Array(width * height).fill(255)
    for (let y = 0; y < height; y++) {
      const wave = (period: number): number => Math.cos((2 * Math.PI * y) / period)
      const ink = Math.round(width * (0.5 + 0.38 * wave(200) + 0.1 * wave(20)))
      data.fill(0, y * width, y * width + ink)
    }
    expect(linePitch({ width, height, data })).toBeGreaterThan(150)
    const small = prepare({ width, height, data })
    expect(small.every((column) => column.height < height)).toBe(true)
  })
  it('finds no columns on white or black paper', () => {
    for (const shade of [0, 255]) {
      expect(prepare({ width: 50, height: 50, data: new Uint8Array(2500).fill(shade) })).toEqual([])
    }
  })
  it('removes single specks', () => {
    const data = new Uint8Array(25).fill(255)
    data[12] = 0
    expect(median({ width: 5, height: 5, data }).data.every((value) => value === 255)).toBe(true)
  })
  it('encodes a picture with a white margin', () => {
    const file = pgm({ width: 1, height: 1, data: Uint8Array.of(7) }, 1)
    expect(file.toString('latin1')).toBe('P5\n3 3\n255\nÿÿÿÿ\x07ÿÿÿÿ')
  })
  it('parses the TSV output of tesseract', () => {
    const table =
      '1\t1\t0\t0\t0\t0\t0\t0\t90\t90\t-1\t\n' +
      '4\t1\t1\t1\t1\t0\t10\t5\t60\t9\t-1\t\n' +
      '5\t1\t1\t1\t1\t1\t40\t5\t30\t9\t91.5\tقال\n'
    expect(linesOf(table)).toEqual([
      { words: [{ text: 'قال', confidence: 91.5 }], left: 10, right: 70 },
    ])
  })
  it('groups pieces of a text layer into lines, Arabic ones from the right', () => {
    const piece = (text: string, x: number, y: number) => ({ text, x, y, width: 40, height: 10 })
    const lines = textLines(
      [piece('العالم', 100, 50), piece('مرحبا', 150, 51), piece('سطر', 150, 30)],
      200,
    )
    expect(lines.map(({ text }) => text)).toEqual(['مرحبا العالم', 'سطر'])
    expect(lines[1]).toMatchObject({ indent: 0 })
    const number = ['(', '١', '٩', ')', 'سنة'].map((text, at) => ({
      text,
      x: at * 10,
      y: 5,
      width: 10,
      height: 10,
    }))
    expect(textLines(number, 50)[0]?.text).toBe('سنة(١٩)')
    const latin = ['New', 'York', 'في'].map((text, at) => ({
      text,
      x: at * 30,
      y: 5,
      width: 25,
      height: 10,
    }))
    expect(textLines([...latin, piece('مدينة', 90, 5)], 50)[0]?.text).toBe('مدينة في New York')
  })
})

/** Dark lines, 20 pixels high and 40 pixels apart, between the given columns of pixels. */
function stripes(
  width: number,
  height: number,
  stretches: readonly (readonly [number, number])[],
): Grey {
  const data = new Uint8Array(width * height).fill(255)
  for (let y = 40; y < height - 40; y++) {
    if (y % 40 < 20)
      for (const [from, to] of stretches) data.fill(0, y * width + from, y * width + to)
  }
  return { width, height, data }
}

async function pictureOf(path: string): Promise<Grey> {
  const { loadImage } = await import('@napi-rs/canvas')
  const image = await loadImage(path)
  const context = createCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  return greyOf(
    context.getImageData(0, 0, image.width, image.height).data,
    image.width,
    image.height,
  )
}

function pngOf({ width, height, data }: Grey): Buffer {
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  const pixels = context.createImageData(width, height)
  for (const [at, value] of data.entries()) pixels.data.set([value, value, value, 255], at * 4)
  context.putImageData(pixels, 0, 0)
  return canvas.toBuffer('image/png')
}

/**
 * A PDF with one line of Helvetica per page. It has no cross-reference table, which readers
 * rebuild.
 */
function pdfOf(pages: readonly string[]): string {
  const kids = pages.map((_, page) => `${10 + 2 * page} 0 R`).join(' ')
  const objects = pages.map((text, page) => {
    const stream = `BT /F 14 Tf 20 150 Td (${text}) Tj ET`
    return (
      `${10 + 2 * page} 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] ` +
      `/Contents ${11 + 2 * page} 0 R /Resources <</Font <</F 3 0 R>>>>>> endobj\n` +
      `${11 + 2 * page} 0 obj <</Length ${stream.length}>> stream\n${stream}\nendstream endobj\n`
    )
  })
  return `%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [${kids}] /Count ${pages.length}>> endobj
3 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj
${objects.join('')}trailer <</Root 1 0 R>>
%%EOF`
}
