// Public labelled sets. None is part of the project: each is fetched at a fixed commit on first
// use and kept under bench/.cache.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A set as it is published: a repository on GitHub. */
export interface PublicSet {
  /** `owner/name`. */
  readonly repository: string
  /** 40 hexadecimal digits. */
  readonly commit: string
  /** SPDX identifier where there is one, or the words of the publisher. */
  readonly license: string
}

/**
 * The folder that holds the files of a set. Throws if the set can be neither found nor fetched.
 */
export function openSet({ repository, commit }: PublicSet, cache: string): string {
  const folder = join(cache, 'sets', `${repository.replace('/', '+')}@${commit.slice(0, 12)}`)
  if (existsSync(folder)) return folder
  const draft = `${folder}.part`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  const git = (...args: readonly string[]): void => {
    const { status, stderr, error } = spawnSync('git', args, { cwd: draft, encoding: 'utf8' })
    if (status !== 0) {
      throw new Error(`${repository} could not be fetched: ${error?.message ?? stderr.trim()}`)
    }
  }
  console.error(`fetching ${repository} …`)
  git('init', '--quiet')
  git('fetch', '--quiet', '--depth=1', `https://github.com/${repository}`, commit)
  git('-c', 'advice.detachedHead=false', 'checkout', '--quiet', 'FETCH_HEAD')
  rmSync(join(draft, '.git'), { recursive: true, force: true })
  renameSync(draft, folder)
  return folder
}
