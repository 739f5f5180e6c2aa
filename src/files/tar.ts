import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { EtlError } from '../core/errors.ts'

/**
 * A member of a tar archive. Nothing is ever written to disk, so names are only labels; hostile
 * ones are marked.
 */
export interface TarMember {
  /** As the archive spells it, a leading `./` removed. */
  readonly name: string
  /** Place in the archive, from 0. */
  readonly index: number
  readonly type: 'file' | 'folder' | 'link' | 'other'
  /** Bytes, as the archive says. */
  readonly size: number
  /** Whether the name tries to leave the archive: absolute, or with `..` in it. */
  readonly escapes: boolean
  /** The content; undefined if it is no file or larger than allowed. */
  readonly bytes: Uint8Array | undefined
  /** Commit that GitHub notes in the archives it makes. */
  readonly commit?: string
}

/**
 * The members of a tar stream in order, holding one at a time. Contents above `maxBytes` are passed
 * over unread. A damaged archive is an `input-corrupt` error after everything before the damage.
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
    const what = `the archive is damaged after member ${index}: ${cause instanceof Error ? cause.message : cause}`
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

/** Whether a member's name leads out of the folder an archive would be unpacked in. */
export function escapesFolder(name: string): boolean {
  return (
    name.startsWith('/') ||
    /^[A-Za-z]:/.test(name) ||
    name.includes('\\') ||
    name.split('/').includes('..')
  )
}
