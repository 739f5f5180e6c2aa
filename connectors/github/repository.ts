import { basename, dirname, join } from 'node:path'
import type { Context } from '../../src/core/component.ts'
import type { JsonObject } from '../../src/core/document.ts'
import type { Storage } from '../../src/core/storage.ts'
import { decompress } from '../../src/files/compression/decompress.ts'
import { findInputs } from '../../src/files/inputs.ts'
import { readTar } from '../../src/files/tar.ts'

/** A repository on this machine: a folder or an archive. */
export interface Repository extends JsonObject {
  readonly form: 'folder' | 'archive'
  /** Absolute path of the folder or the archive. */
  readonly path: string
  /** `owner/name` if the remote is known, otherwise the name of the folder or archive. */
  readonly name: string
  /** Size on disk in bytes. */
  readonly bytes: number
}

/** A file of a repository. */
export interface RepositoryFile {
  /** Path relative to the root of the repository. */
  readonly path: string
  /** Position in the order of files. Serves as the cursor: reading resumes after it. */
  readonly place: number
  readonly size: number
  /**
   * Set for files that must not be read: links, paths outside the archive, files above the limit.
   */
  readonly refused?: 'link' | 'unsafe-path' | 'file-too-large'
  readonly bytes?: Uint8Array
}

const ARCHIVE = /\.(?:tar|tar\.(?:gz|bz2|zst|xz)|tgz)$/i

/**
 * Finds the repositories in an input: archives by file name, clones by their `.git`, otherwise the
 * folder itself.
 */
export async function findRepositories(context: Context, input: string): Promise<Repository[]> {
  const files = await findInputs(context, input)
  const archives = files.filter(({ path }) => ARCHIVE.test(path))
  const roots = new Map<string, number>()
  for (const { path, size, label } of files) {
    if (ARCHIVE.test(path)) continue
    const root = await rootOf(context.storage, path, label)
    roots.set(root, (roots.get(root) ?? 0) + size)
  }
  const folders = [...roots].map(async ([path, bytes]): Promise<Repository> => {
    return { form: 'folder', path, name: await remoteName(context.storage, path), bytes }
  })
  return [
    ...(await Promise.all(folders)),
    ...archives.map(({ path, size }): Repository => {
      return { form: 'archive', path, name: basename(path).replace(ARCHIVE, ''), bytes: size }
    }),
  ]
}

const knownRoots = new Map<string, string>()

/**
 * The nearest folder above a file that contains `.git`, searched up to the root of the input; that
 * root if there is none.
 */
async function rootOf(storage: Storage, path: string, label: string): Promise<string> {
  const folder = dirname(path)
  const known = knownRoots.get(folder)
  if (known !== undefined) return known
  const start = path.slice(0, path.length - label.length).replace(/\/$/, '')
  let root = start
  for (let at = folder; at.length >= start.length && at !== '/'; at = dirname(at)) {
    if (!(await storage.stat(join(at, '.git/HEAD')))) continue
    root = at
    break
  }
  knownRoots.set(folder, root)
  return root
}

async function remoteName(storage: Storage, root: string): Promise<string> {
  const config = await readText(storage, join(root, '.git/config'))
  const match = /^\s*url\s*=\s*\S*?[/:]([\w.-]+)\/([\w.-]+?)(?:\.git)?\s*$/m.exec(config)
  return match ? `${match[1]}/${match[2]}` : basename(root)
}

/** The commit that a clone has checked out, or `''` if it cannot be determined. */
export async function headCommit(storage: Storage, root: string): Promise<string> {
  const head = (await readText(storage, join(root, '.git/HEAD'))).trim()
  const reference = /^ref: (.+)$/.exec(head)?.[1]
  if (!reference) return /^[0-9a-f]{40,64}$/.test(head) ? head : ''
  const loose = (await readText(storage, join(root, '.git', reference))).trim()
  if (loose) return loose
  const packed = await readText(storage, join(root, '.git/packed-refs'))
  return (
    packed
      .split('\n')
      .find((line) => line.endsWith(` ${reference}`))
      ?.split(' ', 1)[0] ?? ''
  )
}

async function readText(storage: Storage, path: string): Promise<string> {
  if (!(await storage.stat(path))) return ''
  const handle = await storage.open(path)
  try {
    return new TextDecoder().decode(await handle.read(0, 1 << 20))
  } finally {
    await handle.close()
  }
}

/**
 * Yields the files of a repository in a fixed order. `wants` says whose content to read; folders
 * skip the others, archives read them anyway. `maxBytes` is the limit for one file.
 */
export async function* repositoryFiles(
  storage: Storage,
  repository: Repository,
  maxBytes: number,
  wants: (path: string) => boolean,
): AsyncIterable<RepositoryFile & { readonly commit?: string }> {
  if (repository.form === 'folder') {
    const files = await storage.find(repository.path)
    for (const [place, { path, size }] of files.entries()) {
      const own = path.slice(repository.path.length + 1)
      const head = { path: own, place, size }
      if (size > maxBytes) yield { ...head, refused: 'file-too-large' }
      else if (!wants(own)) yield head
      else yield { ...head, bytes: await readAll(storage, path) }
    }
    return
  }
  for await (const member of readTar(
    decompress(storage, repository.path),
    repository.path,
    maxBytes,
  )) {
    const { name, index: place, size, bytes, commit } = member
    if (member.type === 'folder' || member.type === 'other') continue
    const head = {
      path: name.slice(name.indexOf('/') + 1),
      place,
      size,
      ...(commit ? { commit } : {}),
    }
    if (member.escapes) yield { ...head, path: name, refused: 'unsafe-path' }
    else if (member.type === 'link') yield { ...head, refused: 'link' }
    else if (!bytes) yield { ...head, refused: 'file-too-large' }
    else yield { ...head, bytes }
  }
}

async function readAll(storage: Storage, path: string): Promise<Uint8Array> {
  const handle = await storage.open(path)
  try {
    return await handle.read(0, handle.size)
  } finally {
    await handle.close()
  }
}
