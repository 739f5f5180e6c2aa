import type { Skipped } from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import { layOutReplies } from '../../src/text/reply-tree.ts'
import type { Post } from './post.ts'

/** Users keep their rights; there is no open licence. */
const LICENSE = 'https://redditinc.com/policies/user-agreement'

/** Deeper replies are left out, as Dolma does. */
const MAX_DEPTH = 12

/** One submission or comment as a document, or why it is none. */
export function postDocument(post: Post): Document | string {
  if (post.text === '') return 'no-text'
  return { ...shared(post), key: post.id, text: joined(post.title, post.text), metadata: facts(post) }
}

/** A submission with its comments as one document, and what is left over. */
export function assembleThread(posts: readonly Post[]): ({ document: Document } | Skipped)[] {
  const results: ({ document: Document } | Skipped)[] = []
  const leaveOut = (post: Post, reason: string) => results.push({ skipped: reason, where: post.where })
  const newest = newestById(posts, (post) => leaveOut(post, 'superseded'))
  const head = newest.find((post) => post.id === post.thread)
  const comments = newest.filter((post) => post !== head).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
  const tree = layOutReplies(comments, MAX_DEPTH)
  for (const post of tree.cut) leaveOut(post, 'too-deep')
  const first = head ?? tree.shown[0]
  if (first === undefined) return results
  if (tree.shown.length === 0 && first.text === '') leaveOut(first, 'no-text')
  else {
    const document: Document = {
      ...shared(first),
      key: first.thread,
      text: joined(head?.title ?? '', head?.text ?? '', tree.text),
      items: tree.shown.length + (head ? 1 : 0),
      metadata: { ...facts(first), comments: tree.shown.map(({ id, author, score }) => ({ id, author, score })) },
    }
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

function shared(post: Post): Pick<Document, 'kind' | 'license'> & Partial<Document> {
  return {
    kind: 'mixed',
    license: LICENSE,
    url: `https://www.reddit.com${post.permalink || `/comments/${post.thread.slice(3)}/`}`,
    ...(post.created ? { created: post.created } : {}),
    ...(post.edited ? { revised: post.edited } : {}),
  }
}

const facts = ({ subreddit, author, score, title }: Post) => ({
  subreddit,
  score,
  ...(author ? { author } : {}),
  ...(title ? { title } : {}),
})

function joined(title: string, ...parts: readonly string[]): string {
  return [title === '' ? '' : `# ${title}`, ...parts].filter((part) => part !== '').join('\n\n')
}
