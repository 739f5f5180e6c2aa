/** Markup that is safe to insert unchanged. */
export interface Markup {
  readonly markup: string
}

type Insertable = Markup | string | number | readonly Insertable[] | false | undefined

/**
 * Template tag for HTML: insertions are escaped as text unless they are markup themselves, as in ``
 * html`<p>${anything}</p>` ``. Safe between tags and inside double-quoted attribute values. Never
 * insert into tag names, attribute names, styles or scripts.
 */
export function html(parts: TemplateStringsArray, ...insertions: readonly Insertable[]): Markup {
  const inserted = insertions.map((value, index) => render(value) + (parts[index + 1] ?? ''))
  return { markup: (parts[0] ?? '') + inserted.join('') }
}

function render(value: Insertable): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string') return escapeText(value)
  if (typeof value === 'number') return String(value)
  return 'markup' in value ? value.markup : value.map(render).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Escapes text for HTML: characters of markup become entities, control characters that HTML forbids
 * become U+FFFD.
 */
export function escapeText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
