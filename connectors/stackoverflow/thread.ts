import type { Skipped } from '../../src/core/connector.ts'
import type { Document, JsonObject } from '../../src/core/document.ts'
import { htmlToText } from '../../src/text/html-text.ts'
import type { Post } from './post.ts'
import { questionKey } from './sites.ts'

/**
 * Assembles the posts of one question into a document, and skips the remaining posts with a reason.
 */
export function assembleThread(
  posts: readonly Post[],
  minScore: number,
): ({ document: Document } | Skipped)[] {
  const results: ({ document: Document } | Skipped)[] = []
  const leaveOut = (post: Post, reason: string) =>
    results.push({ skipped: reason, where: post.where })
  const newest = newestById(posts, (post) => leaveOut(post, 'superseded'))
  const question = newest.find((post) => post.id === post.question)
  const answers = newest.filter((post) => post !== question)
  if (!question) for (const answer of answers) leaveOut(answer, 'orphan-answer')
  else if (question.score < minScore && answers.length === 0) leaveOut(question, 'low-score')
  else results.unshift({ document: threadDocument(question, ranked(answers, question.accepted)) })
  return results
}

/** Keeps one version of each post: the one edited last, and the one read last among equals. */
function newestById(posts: readonly Post[], leaveOut: (post: Post) => void): Post[] {
  const newest = new Map<number, Post>()
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

/** Sorts answers: accepted first, then by score, then oldest first. */
function ranked(answers: readonly Post[], accepted: number): Post[] {
  return answers.toSorted(
    (a, b) =>
      Number(b.id === accepted) - Number(a.id === accepted) || b.score - a.score || a.id - b.id,
  )
}

/** Number of links kept per thread. */
const MAX_LINKS = 100

function threadDocument(question: Post, answers: readonly Post[]): Document {
  const posts = [question, ...answers]
  const bodies = posts.map((post) => htmlToText(post.body))
  const [first, ...rest] = bodies.map((body) => body.text)
  const title = question.title === '' ? '' : `# ${question.title}\n\n`
  const answerTexts = rest.map((text) => `\n\n## Answer\n\n${text}`)
  const { site } = question
  const links = [...new Set(bodies.flatMap((body) => body.links))].slice(0, MAX_LINKS)
  return {
    key: questionKey(site || undefined, question.id),
    text: `${title}${withoutDuplicateNote(first ?? '')}${answerTexts.join('')}`,
    kind: 'mixed',
    license: [...new Set(posts.map((post) => post.license))].sort().join(' AND '),
    created: question.created,
    revised:
      posts
        .map((post) => post.edited)
        .sort()
        .at(-1) ?? question.edited,
    ...(authorName(question) ? { author: authorName(question) } : {}),
    ...(site ? { url: `https://${site}/questions/${question.id}` } : {}),
    items: posts.length,
    metadata: {
      ...(site ? { site } : {}),
      ...(question.title ? { title: question.title } : {}),
      tags: question.tags,
      posts: posts.map((post) => credit(post, question.accepted)),
      ...(links.length > 0 ? { links } : {}),
    },
  }
}

/** What attribution requires, for one post. */
function credit(post: Post, accepted: number): JsonObject {
  const profile =
    post.site !== '' && post.owner > 0 ? `https://${post.site}/users/${post.owner}` : undefined
  return {
    id: post.id,
    score: post.score,
    created: post.created,
    license: post.license,
    ...(authorName(post) ? { author: authorName(post) } : {}),
    ...(profile ? { profile } : {}),
    ...(post.id === accepted ? { accepted: true } : {}),
  }
}

/**
 * Name of the author. Posts.xml gives names only for deleted accounts, and user ids for the others.
 */
function authorName({ owner, ownerName }: Post): string {
  return ownerName !== '' ? ownerName : owner === 0 ? '' : `user ${owner}`
}

/** Removes the note that closing a question as a duplicate put at its top until 2013. */
function withoutDuplicateNote(text: string): string {
  return text.replace(/^> (?:\*\*)?Possible Duplicate:?[^\n]*\n(?:>[^\n]*\n)*\n*/, '')
}
