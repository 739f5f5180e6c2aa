import type { Json, JsonObject } from '../../core/document.ts'

/**
 * One turn of a conversation, in the form that chat templates expect. Other members of the turn are
 * kept.
 */
export type Message = JsonObject & { readonly role: string; readonly content: string }

/** Role names of ShareGPT and its descendants. */
const ROLES = new Map(
  Object.entries({
    human: 'user',
    gpt: 'assistant',
    bing: 'assistant',
    chatgpt: 'assistant',
    bot: 'assistant',
    observation: 'tool',
    function_response: 'tool',
  }),
)

/**
 * Reads `{role, content}` or `{from, value}` turns into the first form; undefined if the value is
 * anything else.
 */
export function readMessages(value: Json | undefined): Message[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const messages: Message[] = []
  for (const turn of value as readonly Json[]) {
    const message = readMessage(turn)
    if (!message) return undefined
    messages.push(message)
  }
  return messages
}

function readMessage(turn: Json): Message | undefined {
  if (typeof turn !== 'object' || turn === null || Array.isArray(turn)) return undefined
  const { role, from, content, value, ...rest } = turn as JsonObject
  const name = role ?? from
  const text = textOf(content ?? value ?? '')
  if (typeof name !== 'string' || text === undefined) return undefined
  return { ...rest, role: ROLES.get(name.toLowerCase()) ?? name.toLowerCase(), content: text }
}

/** Content as text: a string, or the text parts of a list of parts, one per line. */
function textOf(content: Json): string | undefined {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return undefined
  const texts = (content as readonly Json[]).map((part) => {
    if (typeof part !== 'object' || part === null || !('text' in part)) return ''
    return typeof part.text === 'string' ? part.text : ''
  })
  return texts.filter((text) => text !== '').join('\n')
}

/**
 * Readable text: for each turn the speaker on a line of its own, then what is said. Empty turns are
 * left out.
 */
export function renderMessages(messages: readonly Message[]): string {
  return messages
    .filter(({ content }) => content.trim() !== '')
    .map(({ role, content }) => `${role}:\n${content.trim()}`)
    .join('\n\n')
}
