import { describe, expect, it } from 'vitest'
import { htmlToText } from './html-text.ts'

const text = (html: string): string => htmlToText(html).text

describe('htmlToText', () => {
  it('separates paragraphs, even unclosed ones', () => {
    expect(
      text('One\n  line.<p>Two &amp; <i>more</i>.<p>ثلاثة</p><div>four</div>five<br>six'),
    ).toBe('One line.\n\nTwo & more.\n\nثلاثة\n\nfour\n\nfive\nsix')
  })

  it('fences code with its language and keeps its white space', () => {
    const html =
      '<p>Try:</p>\n<pre class="lang-py prettyprint-override"><code>if a &lt; b:\n    print("x")\n\n</code></pre>\n<p>so</p>'
    expect(text(html)).toBe('Try:\n\n```py\nif a < b:\n    print("x")\n```\n\nso')
    expect(text('<pre><code class="language-c++">int a;</code></pre>')).toBe('```c++\nint a;\n```')
    expect(text('<pre>a ``` b</pre>')).toBe('````\na ``` b\n````')
  })

  it('marks inline code', () => {
    expect(text('use <code>a &lt; b</code> or <code>`x`</code>.')).toBe('use `a < b` or `` `x` ``.')
  })

  it('writes lists, nested and numbered', () => {
    expect(
      text('<p>a</p><ul>\n<li>one</li>\n<li>two<ol start="3"><li>x<li>y</ol></li></ul><p>b</p>'),
    ).toBe('a\n\n- one\n- two\n  3. x\n  4. y\n\nb')
  })

  it('prefixes every line of a quotation, including code', () => {
    expect(text('<blockquote><p>a</p><pre>x\n y</pre></blockquote>after')).toBe(
      '> a\n>\n> ```\n> x\n>  y\n> ```\n\nafter',
    )
  })

  it('writes tables row by row', () => {
    const html =
      '<table><thead><tr><th>n</th><th>name</th></tr></thead><tbody><tr><td>1</td><td><p>قمر</p></td></tr></tbody></table>'
    expect(text(html)).toBe('| n | name |\n| --- | --- |\n| 1 | قمر |')
  })

  it('keeps headings, rules, TeX, powers and image descriptions', () => {
    expect(
      text(
        '<h2>T</h2>$a &lt; b$ and 10<sup>-5</sup>, x<sub>i+1</sub><hr><img alt="a map"><img alt="enter image description here">',
      ),
    ).toBe('## T\n\n$a < b$ and 10^-5, x_(i+1)\n\n---\n\n[a map]')
  })

  it('keeps a heading on one line, and drops image descriptions that are file names', () => {
    expect(
      text('<h1>Made to<br>measure</h1>one<br>two<img alt="tide_2.PNG"> <h2>open<p>three<br>four'),
    ).toBe('# Made to measure\n\none\ntwo\n\n## open\n\nthree\nfour')
  })

  it('keeps link texts, and lists the targets separately', () => {
    const { text, links } = htmlToText(
      '<a href="https://a.org/x">here</a> <a href="https://b.org/a/long/path" rel="nofollow">https://b.org/a/l...</a> <a href="#n">n</a>',
    )
    expect(text).toBe('here https://b.org/a/long/path n')
    expect(links).toEqual(['https://a.org/x', 'https://b.org/a/long/path'])
  })

  it('drops scripts, styles and comments', () => {
    expect(text('a<script>alert("<b>")</script><style>p{}</style><!-- begin snippet -->b')).toBe(
      'ab',
    )
  })

  it('survives malformed input', () => {
    expect(text('')).toBe('')
    expect(text('</p></ul></li></blockquote></table></a></sup></pre><')).toBe('<')
    expect(text('a &unknown; &#x110000; &#0; b')).toBe('a &unknown; \ufffd \ufffd b')
    expect(text('<td>loose<td>cells')).toBe('| loose | cells |')
  })

  it('takes linear time for tens of thousands of levels', () => {
    for (const tag of ['b', 'blockquote', 'ul><li', 'sup', 'table><tr><td']) {
      const levels = tag === 'blockquote' ? 100_000 : 10_000
      const { text } = htmlToText(
        `${`<${tag}>`.repeat(levels)}deep${'</x></b></li></blockquote>'.repeat(levels)}`,
      )
      expect(text).toContain('deep')
      expect(text.length).toBeLessThan(40 * levels)
    }
  })
})
