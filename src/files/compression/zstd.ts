import type { Transform } from 'node:stream'
import zlib from 'node:zlib'
import { Decompress } from 'fzstd'
import { EtlError } from '../../core/errors.ts'
import { joinBytes } from '../byte-queue.ts'
import { findProgram, pipeThrough } from '../program.ts'
import { pushThrough } from './transform.ts'
import { ZSTD_BLOCK_BYTES, type ZstdFrame, type ZstdPiece, zstdPieces } from './zstd-frames.ts'

/**
 * Decodes all frames of a zstd file, with windows up to 2 GiB (`--long=31`, as the Reddit dumps
 * need).
 */
export type ZstdRoute = (
  source: AsyncIterable<Uint8Array>,
  where: string,
) => AsyncIterable<Uint8Array>

/** The ways to decode zstd that work on this machine, best first. */
export async function zstdRoutes(): Promise<ReadonlyMap<string, ZstdRoute>> {
  const routes = new Map<string, ZstdRoute>()
  const create = (zlib as { createZstdDecompress?: CreateZstd }).createZstdDecompress
  if (create) routes.set('node', (source, where) => nodeRoute(create, source, where))
  const program = await findProgram('zstd')
  if (program) {
    const args = ['-dcq', '--long=31']
    routes.set('program', (source, where) => pipeThrough({ program, args, input: source, where }))
  }
  routes.set('fzstd', fzstdRoute)
  return routes
}

/** Decodes zstd in the best way available on this machine. */
export async function* decompressZstd(
  source: AsyncIterable<Uint8Array>,
  where: string,
): AsyncIterable<Uint8Array> {
  for (const route of (await zstdRoutes()).values()) {
    yield* route(source, where)
    return
  }
}

type CreateZstd = (options: {
  params: Record<number, number>
}) => Transform & { readonly bytesWritten: number }

/** `ZSTD_d_windowLogMax` of zstd.h, which Node exposes under `zlib.constants`. */
const WINDOW_LOG_MAX = 100

/**
 * Uses Node's own decoder (22.15 and later), one per frame: Node 24 silently returns only the first
 * of several frames.
 */
async function* nodeRoute(create: CreateZstd, source: AsyncIterable<Uint8Array>, where: string) {
  let decoder = pushThrough(create({ params: { [WINDOW_LOG_MAX]: 31 } }))
  try {
    for await (const { frame, bytes, first, last } of zstdPieces(source, where)) {
      if (first && frame.start > 0) {
        decoder.close()
        decoder = pushThrough(create({ params: { [WINDOW_LOG_MAX]: 31 } }))
      }
      try {
        yield* await decoder.push(bytes)
        if (last) yield* await decoder.end()
      } catch (cause) {
        yield* decoder.rest()
        throw damaged(frame, where, cause)
      }
    }
  } finally {
    decoder.close()
  }
}

const damaged = (frame: ZstdFrame, where: string, cause: unknown): EtlError => {
  const reason = cause instanceof Error ? cause.message : cause
  const what = `the zstd frame that starts here is damaged: ${reason}`
  return new EtlError('input-corrupt', { where: `${where}:${frame.start}`, what, cause })
}

/**
 * fzstd decodes frames with larger windows only if the whole frame is small, because it moves the
 * window at every block.
 */
const STREAMED_WINDOW = 16 << 20

/**
 * Limits for holding a frame to find out how small it is: compressed bytes, and blocks of 128 KiB
 * output each.
 */
const HELD_BYTES = 16 << 20
const HELD_BLOCKS = 512

/**
 * Uses the pure JavaScript decoder. It allocates the declared window, refuses 2 GiB and verifies no
 * checksum. A frame that declares a large window is therefore held until its end shows how much it
 * can contain, and is then decoded with a window of that size. A frame that also contains more than
 * 64 MiB cannot be decoded this way.
 */
async function* fzstdRoute(
  source: AsyncIterable<Uint8Array>,
  where: string,
): AsyncIterable<Uint8Array> {
  let held: ZstdPiece[] = []
  let heldBytes = 0
  let decoder = fzstdDecoder()
  for await (const piece of zstdPieces(source, where)) {
    const { frame, bytes, last } = piece
    if (piece.first) decoder = fzstdDecoder()
    try {
      if (frame.windowBytes <= STREAMED_WINDOW) {
        yield* decoder(bytes)
        continue
      }
      held.push(piece)
      heldBytes += bytes.length
      if (heldBytes > HELD_BYTES || held.length > HELD_BLOCKS) throw windowTooLarge(frame, where)
      if (!last) continue
      yield* decoder(
        withWindow(held, Math.min(frame.windowBytes, (held.length - 1) * ZSTD_BLOCK_BYTES)),
      )
      held = []
      heldBytes = 0
    } catch (cause) {
      throw cause instanceof EtlError ? cause : damaged(frame, where, cause)
    }
  }
}

const windowTooLarge = (frame: ZstdFrame, where: string): EtlError =>
  new EtlError('input-unsupported', {
    where: `${where}:${frame.start}`,
    what:
      `the zstd window is ${Math.ceil(frame.windowBytes / 2 ** 20)} MiB, ` +
      'more than the built-in decoder can keep',
    hint:
      'Install the `zstd` program (apt install zstd, brew install zstd), ' +
      'or use Node 24 or later.',
  })

function fzstdDecoder(): (bytes: Uint8Array) => Uint8Array[] {
  let output: Uint8Array[] = []
  const decoder = new Decompress((bytes) => void output.push(bytes))
  return (bytes) => {
    decoder.push(bytes)
    const taken = output
    output = []
    return taken
  }
}

/**
 * The whole frame with its window descriptor replaced by the power of two that holds `windowBytes`.
 */
function withWindow(pieces: readonly ZstdPiece[], windowBytes: number): Uint8Array {
  const frame = joinBytes(pieces.map((piece) => piece.bytes))
  if (!pieces[0]?.frame.singleSegment)
    frame[5] = Math.max(0, Math.ceil(Math.log2(windowBytes)) - 10) << 3
  return frame
}
