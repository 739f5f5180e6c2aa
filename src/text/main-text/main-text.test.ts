import { describe, expect, it } from 'vitest'
import { decodeText, headerCharset } from './charset.ts'
import { mainText } from './main-text.ts'

const english =
  'A comet, seen from afar, is a smudge, and only its slow drift against the stars gives it away at all. '
const arabic =
  'المذنب، إذا نظرت إليه من بعيد، لطخة باهتة، ولا يكشفه إلا انزياحه البطيء بين النجوم ليلة بعد ليلة، كما قيل. '

const page = (body: string, rtl = false) =>
  `<html${rtl ? ' lang=ar dir=rtl' : ''}><title>T</title><body>${body}</body></html>`

describe('mainText', () => {
  it.each([
    ['English', english],
    ['Arabic', arabic],
  ])('finds the article between menus, ads and comments in %s', (_, sentence) => {
    const { text } = mainText(
      page(
        `<div id=menu><ul>${'<li><a href=/a>section, of the site</a>'.repeat(30)}</ul></div>
        <div class="post-body"><p>${sentence.repeat(3)}<p>${sentence.repeat(3)}<ul><li>${sentence}</ul><p>${sentence}</div>
        <div class="sidebar"><p>${'subscribe now, today, '.repeat(9)}</p></div><footer>${'© us, '.repeat(20)}</footer>`,
      ),
    )
    expect(text.split(sentence.trim()).length - 1).toBe(8)
    expect(text).not.toMatch(/section|subscribe|©/)
  })

  it('keeps the little text of a short page, without scripts and hidden parts', () => {
    const html =
      '<p>Clear tonight.</p><script>var x = "hidden"</script><div style="display: none">hidden</div>'
    expect(mainText(page(html)).text).toBe('Clear tonight.')
  })

  it('keeps the code and tables of the article', () => {
    const { text } = mainText(
      page(
        `<article><p>${english.repeat(6)}</p><pre><code>let a = 1</code></pre><table><tr><td>Io<td>421,700 km</table>`,
      ),
    )
    expect(text).toContain('let a = 1')
    expect(text).toContain('| Io | 421,700 km |')
  })

  it('survives elements named like built-in JavaScript properties', () => {
    expect(mainText(page(`<constructor><p>${english.repeat(5)}</p></constructor>`)).text).toContain(
      'A comet',
    )
    expect(mainText(page(`<toString><p>${english.repeat(5)}</p></toString>`)).text).toContain(
      'A comet',
    )
  })

  it('survives elements nested 100,000 deep, unclosed, or closed without being opened', () => {
    const deep = '<div>'.repeat(100_000) + english.repeat(5)
    expect(mainText(deep).text).toContain('A comet')
    expect(mainText(`${'</p></x>'.repeat(100_000)}<p>${english.repeat(5)}`).text).toContain(
      'A comet',
    )
    expect(mainText(`${'<p><b><a href=x>'.repeat(60_000)}${english.repeat(5)}`).text).toContain(
      'A comet',
    )
    expect(mainText('<').text).toBe('')
  })
})

describe('decodeText', () => {
  const bytes = (...codes: number[]) => Uint8Array.from(codes)
  // "السلام عليكم" in windows-1256.
  const peace = bytes(0xc7, 0xe1, 0xd3, 0xe1, 0xc7, 0xe3, 0x20, 0xda, 0xe1, 0xed, 0xdf, 0xe3)
  const tagged = (tag: string, body: Uint8Array) => Buffer.concat([Buffer.from(tag), body])

  it('trusts valid UTF-8 over a wrong declaration', () => {
    expect(decodeText(Buffer.from('قمر'), 'windows-1256')).toEqual({
      text: 'قمر',
      charset: 'utf-8',
    })
  })

  it('uses the header, then the meta element', () => {
    expect(decodeText(peace, 'windows-1256').text).toBe('السلام عليكم')
    expect(
      decodeText(tagged('<meta http-equiv=x content="text/html; charset=windows-1256">', peace))
        .text,
    ).toMatch(/السلام عليكم$/)
    expect(headerCharset('text/html; Charset="ISO-8859-6"')).toBe('ISO-8859-6')
  })

  it('recognises Arabic declared as UTF-8, as Latin or not at all', () => {
    for (const label of ['utf-8', 'iso-8859-1', 'no-such-charset', undefined]) {
      expect(decodeText(peace, label), label).toEqual({
        text: 'السلام عليكم',
        charset: 'windows-1256',
      })
    }
  })

  it('reads Western text as Western, and UTF-8 with a bad byte as UTF-8', () => {
    expect(decodeText(bytes(0x63, 0x61, 0x66, 0xe9)).text).toBe('café')
    expect(decodeText(tagged(arabic, bytes(0xff))).charset).toBe('utf-8')
  })
})
