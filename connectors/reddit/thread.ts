import type { Skipped } from '../../src/core/connector.ts'
import type { Document, Json, JsonObject } from '../../src/core/document.ts'
import { layOutReplies } from '../../src/text/reply-tree.ts'
import type { Post } from './post.ts'

/** Terms of use instead of a licence: users keep their rights, and there is no open licence. */
const LICENSE = 'https://redditinc.com/policies/user-agreement'

/** Deeper replies are skipped, as in Dolma. */
const MAX_DEPTH = 12

/** Turns one submission or comment into a document, or returns the reason why it is skipped. */
export function postDocument(post: Post): Document | string {
  if (post.text === '') return 'no-text'
  return documentOf(post, {
    key: post.id,
    text: titled(post.title, post.text),
    metadata: facts(post),
  })
}

/**
 * Assembles a submission and its comments into one document, and skips the remaining posts with a
 * reason.
 */
export function assembleThread(posts: readonly Post[]): ({ document: Document } | Skipped)[] {
  const results: ({ document: Document } | Skipped)[] = []
  const leaveOut = (post: Post, reason: string) =>
    results.push({ skipped: reason, where: post.where })
  const newest = newestById(posts, (post) => leaveOut(post, 'superseded'))
  const head = newest.find((post) => post.id === post.thread)
  const comments = newest
    .filter((post) => post !== head)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
  const tree = layOutReplies(comments, MAX_DEPTH)
  for (const post of tree.cut) leaveOut(post, 'too-deep')
  const first = head ?? tree.shown[0]
  if (first === undefined) return results
  if (tree.shown.length === 0 && first.text === '') leaveOut(first, 'no-text')
  else {
    const text = [head?.text ?? '', tree.text].filter((part) => part !== '').join('\n\n')
    const document = documentOf(first, {
      key: first.thread,
      text: titled(head?.title ?? '', text),
      metadata: {
        ...facts(first),
        comments: tree.shown.map(({ id, author, score }) => ({ id, author, score })),
      },
    })
    document.items = tree.shown.length + (head ? 1 : 0)
    results.unshift({ document })
  }
  return results
}

function newestById(posts: readonly Post[], leaveOut: (post: Post) => void): Post[] {
  const newest = new Map<string, Post>()
  for (const post of posts) {
    const other = newest.get(post.id)
    if (other && other.edited > post.edited) leaveOut(post)
    else {
      if (other) leaveOut(other)
      newest.set(post.id, post)
    }
  }
  return [...newest.values()]
}

type OpenDocument = { -readonly [Name in keyof Document]: Document[Name] }

function documentOf(
  post: Post,
  { key, text, metadata }: { key: string; text: string; metadata: JsonObject },
) {
  const url = `https://www.reddit.com${post.permalink || `/comments/${post.thread.slice(3)}/`}`
  const document: OpenDocument = { key, text, kind: 'mixed', license: LICENSE, url, metadata }
  if (post.created !== '') document.created = post.created
  if (post.edited !== '') document.revised = post.edited
  return document
}

function facts({ subreddit, author, score, title }: Post): JsonObject {
  const facts: Record<string, Json> = { subreddit, score }
  if (author !== '') facts.author = author
  if (title !== '') facts.title = title
  return facts
}

function titled(title: string, text: string): string {
  if (title === '') return text
  return text === '' ? `# ${title}` : `# ${title}\n\n${text}`
}
