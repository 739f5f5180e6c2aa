import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { EtlError } from '../core/errors.ts'

/**
 * A member of a tar archive. Nothing is ever written to disk, so names are only labels. Hostile
 * names are flagged by `escapes`.
 */
export interface TarMember {
  /** As the archive spells it, without a leading `./`. */
  readonly name: string
  /** Position in the archive, counted from 0. */
  readonly index: number
  readonly type: 'file' | 'folder' | 'link' | 'other'
  /** Size in bytes according to the archive. */
  readonly size: number
  /** Whether the name points outside the archive: it is absolute or contains `..`. */
  readonly escapes: boolean
  /** The content; undefined unless it is a file within the size limit. */
  readonly bytes: Uint8Array | undefined
  /** Commit that GitHub records in the archives it makes. */
  readonly commit?: string
}

/**
 * Yields the members of a tar stream in order, holding one at a time. Files larger than `maxBytes`
 * are skipped. A damaged archive is an `input-corrupt` error, thrown after everything before the
 * damage.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  where: string,
  maxBytes: number,
): AsyncIterable<TarMember> {
  const archive = extract()
  const input = Readable.from(source)
  input.on('error', (error) => archive.destroy(error))
  input.pipe(archive)
  let index = 0
  try {
    for await (const entry of archive) {
      const { header } = entry
      const name = header.name.replace(/^(?:\.\/)+/, '')
      const type = typeOf(header)
      const size = header.size ?? 0
      const wanted = type === 'file' && size <= maxBytes
      const chunks: Uint8Array[] = []
      for await (const chunk of entry) if (wanted) chunks.push(chunk as Uint8Array)
      const commit = (header.pax as Record<string, string> | null)?.comment
      yield {
        name,
        index: index++,
        type,
        size,
        escapes: escapesFolder(name),
        bytes: wanted ? Buffer.concat(chunks) : undefined,
        ...(commit && /^[0-9a-f]{40}$/.test(commit) ? { commit } : {}),
      }
    }
  } catch (cause) {
    if (cause instanceof EtlError) throw cause
    const reason = cause instanceof Error ? cause.message : cause
    const what = `the archive is damaged after member ${index}: ${reason}`
    throw new EtlError('input-corrupt', { where, what, cause })
  } finally {
    input.destroy()
    archive.destroy()
  }
}

function typeOf({ type }: Header): TarMember['type'] {
  if (type === 'file' || type === 'contiguous-file') return 'file'
  if (type === 'directory') return 'folder'
  return type === 'link' || type === 'symlink' ? 'link' : 'other'
}

/**
 * Whether a member's name would leave the folder into which an archive is unpacked, on any system.
 */
export function escapesFolder(name: string): boolean {
  return (
    name.startsWith('/') ||
    /^[A-Za-z]:/.test(name) ||
    name.includes('\\') ||
    name.split('/').includes('..')
  )
}
