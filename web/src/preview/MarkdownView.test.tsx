/** Hostile Markdown: nothing in it becomes an element that runs, fetches, or leads into the application. */
import { renderToStaticMarkup } from 'react-dom/server'
import remarkGfm from 'remark-gfm'
import { expect, test } from 'vitest'
import { safeAddress } from './address'
import { MarkdownView } from './MarkdownView'

const drawn = (content: string): string => renderToStaticMarkup(<MarkdownView content={content} plugins={[remarkGfm]} />)

const HOSTILE = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<a href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java&#115;cript:alert(1))',
  '[x](&#x6A;avascript:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](vbscript:msgbox(1))',
  '[x](blob:http://localhost/1)',
  '[x](file:///etc/passwd)',
  '[x](//evil.example/x)',
  '[x](/api/v1/session)',
  '[x](#token=1)',
  '![x](javascript:alert(1))',
  '![x](https://evil.example/pixel.png)',
  '![x](data:image/svg+xml,<svg onload=alert(1)>)',
  '<javascript:alert(1)>',
  '[x]: javascript:alert(1)\n\n[x]',
  '[^1]\n\n[^1]: <script>alert(1)</script>',
  '| a |\n|---|\n| <img src=x onerror=alert(1)> |',
  '- [ ] <input autofocus onfocus=alert(1)>',
  '```html\n<script>alert(1)</script>\n```',
  '<style>*{background:url(https://evil.example)}</style>',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<form action="https://evil.example"><button>x</button></form>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
]

test.each(HOSTILE)('%s', (content) => {
  const markup = drawn(content)
  expect(markup).not.toMatch(/<(?:script|img|svg|iframe|style|base|meta|form|input|object|embed|math|link)\b/i)
  expect(markup).not.toMatch(/<[^>]+\s(?:on\w+|src|srcdoc|srcset|style|formaction)=/i)
  for (const [, address = ''] of markup.matchAll(/\shref="([^"]*)"/g)) expect(address).toMatch(/^(?:https?:\/\/|mailto:)/)
})

test('what is meant well is drawn', () => {
  const markup = drawn('# Title\n\n**bold** [out](https://example.org/a?b=c) and a@b.example\n\n- [x] done\n\n| a | b |\n|---|--:|\n| 1 | &copy; |\n\n```\ncode\n```')
  expect(markup).toContain('<h3 class="md-1">Title</h3>')
  expect(markup).toContain('<strong>bold</strong>')
  expect(markup).toContain('href="https://example.org/a?b=c" target="_blank" rel="noreferrer noopener"')
  expect(markup).toContain('href="mailto:a@b.example"')
  expect(markup).toContain('☑ ')
  expect(markup).toContain('©')
  expect(markup).toContain('<code>code\n</code>')
  expect(drawn('![a boat](https://evil.example/a.png)')).toContain('[picture: a boat]')
})

test('addresses are whole, and of three kinds', () => {
  for (const bad of ['', 'x', '/x', '//x', 'javascript:1', 'JAVASCRIPT:1', ' javascript:1', 'data:,x', 'ftp://x', 'blob:x', undefined]) {
    expect(safeAddress(bad), bad).toBeUndefined()
  }
  for (const good of ['https://a.example/', 'http://a.example/', 'mailto:a@b.example']) expect(safeAddress(good)).toBe(good)
})
