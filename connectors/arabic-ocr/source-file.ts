import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist'
import type { PrintedLine } from '../../src/text/arabic-print/paragraphs.ts'
import { type Grey, greyOf } from './raster.ts'
import { type TextItem, textLines } from './text-items.ts'

/** One page of a file. */
export interface SourcePage {
  /** Lines of the text layer from top to bottom, in stored order; empty for pictures. */
  readonly layer: readonly PrintedLine[]
  /** Renders the page as a picture. Throws a `PageError` if that fails. */
  picture(): Promise<Grey>
  release(): void
}

/** A file whose pages are read one by one. */
export interface SourceFile {
  readonly pages: number
  /** Opens a page; numbers start at 1. Throws a `PageError` if it cannot be read. */
  page(number: number): Promise<SourcePage>
  close(): Promise<void>
}

/** Thrown for a file or page that cannot be read. `reason` is the skip reason. */
export class PageError extends Error {
  readonly reason: string
  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

/** How pages are rendered as pictures. */
export interface Rendering {
  /** Resolution of PDF pages in dots per inch. */
  readonly dpi: number
  /** Pixel limit: larger pictures are refused, larger PDF pages rendered at a lower resolution. */
  readonly maxPixels: number
  /** Renders PDF pages instead of pdf.js, if given. */
  readonly draw?: ((page: number, dpi: number) => Promise<Grey>) | undefined
}

/**
 * Opens a PDF, PNG or JPEG, recognised by its first bytes. Throws a `PageError` for other formats.
 */
export async function openFile(bytes: Uint8Array, rendering: Rendering): Promise<SourceFile> {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024))
  if (head.includes('%PDF-')) return openPdf(bytes, rendering)
  if (bytes.length === 0) throw new PageError('empty-file', 'the file is empty')
  const size = pngSize(head) ?? jpegSize(bytes)
  if (!size) throw new PageError('unknown-format', 'neither a PDF nor a PNG or JPEG picture')
  return openPicture(bytes, size, rendering)
}

type Size = readonly [width: number, height: number]

function pngSize(head: Buffer): Size | undefined {
  if (head.length < 24 || head.readUInt32BE(0) !== 0x89504e47) return undefined
  return [head.readUInt32BE(16), head.readUInt32BE(20)]
}

/** Reads width and height from the first start-of-frame segment. */
function jpegSize(bytes: Uint8Array): Size | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 2; at + 9 < bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff) return undefined
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return [view.getUint16(at + 7), view.getUint16(at + 5)]
  }
  return undefined
}

/** Opens a picture. Its size is checked from the header, before any pixel is decoded. */
function openPicture(
  bytes: Uint8Array,
  [width, height]: Size,
  { maxPixels }: Rendering,
): SourceFile {
  const isTooLarge = width * height > maxPixels || Math.max(width, height) > MAX_EDGE
  if (isTooLarge) throw new PageError('picture-too-large', `${width} × ${height} pixels`)
  const end = bytes[0] === 0xff ? Buffer.of(0xff, 0xd9) : 'IEND'
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(end, -4096)) {
    throw new PageError('corrupt-picture', `no end marker in ${bytes.length} bytes`)
  }
  const page: SourcePage = {
    layer: [],
    async picture() {
      const image = await loadImage(Buffer.from(bytes)).catch((cause: unknown) => {
        throw new PageError('corrupt-picture', String(cause))
      })
      const canvas = createCanvas(image.width, image.height)
      const context = canvas.getContext('2d')
      context.drawImage(image, 0, 0)
      return greyOf(
        context.getImageData(0, 0, image.width, image.height).data,
        image.width,
        image.height,
      )
    },
    release() {},
  }
  return { pages: 1, page: async () => page, close: async () => {} }
}

const MAX_EDGE = 20_000
const require = createRequire(import.meta.url)

async function openPdf(bytes: Uint8Array, rendering: Rendering): Promise<SourceFile> {
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs')
  const root = dirname(require.resolve('pdfjs-dist/package.json'))
  const task = getDocument({
    data: bytes,
    verbosity: 0,
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    enableXfa: false,
    maxImageSize: rendering.maxPixels * 4,
    cMapUrl: `${join(root, 'cmaps')}/`,
    standardFontDataUrl: `${join(root, 'standard_fonts')}/`,
    wasmUrl: `${join(root, 'wasm')}/`,
  })
  const pdf: PDFDocumentProxy = await task.promise.catch((cause: unknown) => {
    const isEncrypted = cause instanceof Error && cause.name === 'PasswordException'
    throw new PageError(isEncrypted ? 'encrypted-pdf' : 'corrupt-pdf', String(cause))
  })
  return {
    pages: pdf.numPages,
    async page(number) {
      const page = await pdf.getPage(number).catch((cause: unknown) => {
        throw new PageError('corrupt-page', String(cause))
      })
      const layer = await layerOf(page).catch(() => [])
      return {
        layer,
        picture: () => render(page, number, rendering),
        release: () => void page.cleanup(),
      }
    },
    close: () => task.destroy(),
  }
}

/**
 * Reads the text layer. The caller treats a damaged layer as missing, so that the page is
 * recognised instead.
 */
async function layerOf(page: PDFPageProxy): Promise<PrintedLine[]> {
  const { items } = await page.getTextContent()
  const [left = 0, , right = 0] = page.view
  const texts = items.flatMap((item): TextItem[] => {
    if (!('str' in item)) return []
    const [, , , height = 0, x = 0, y = 0] = item.transform as number[]
    return [{ text: item.str, x, y, width: item.width, height: Math.abs(height) || item.height }]
  })
  return textLines(texts, right - left)
}

async function render(
  page: PDFPageProxy,
  number: number,
  { dpi, maxPixels, draw }: Rendering,
): Promise<Grey> {
  const points = page.getViewport({ scale: 1 })
  const scale = Math.min(
    dpi / 72,
    Math.sqrt(maxPixels / (points.width * points.height)),
    MAX_EDGE / Math.max(points.width, points.height),
  )
  if (draw) {
    return draw(number, scale * 72).catch((cause: unknown) => {
      throw new PageError('corrupt-page', String(cause))
    })
  }
  const viewport = page.getViewport({ scale })
  const [width, height] = [
    Math.max(1, Math.floor(viewport.width)),
    Math.max(1, Math.floor(viewport.height)),
  ]
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  // The types only know the browser's canvas, but pdf.js can draw on this one too.
  const target = { canvas, canvasContext: context, viewport } as unknown as Parameters<
    PDFPageProxy['render']
  >[0]
  await page.render(target).promise.catch((cause: unknown) => {
    throw new PageError('corrupt-page', String(cause))
  })
  return greyOf(context.getImageData(0, 0, width, height).data, width, height)
}
