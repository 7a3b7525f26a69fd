/** The grammars that code is coloured by, each fetched when a file needs it. */
import type { LanguageSupport } from '@codemirror/language'
import type { Language } from './kinds'

export async function grammarOf(language: Language, name: string): Promise<LanguageSupport> {
  switch (language) {
    case 'javascript':
      return (await import('@codemirror/lang-javascript')).javascript({ jsx: /x$/i.test(name), typescript: /\.m?tsx?$/i.test(name) })
    case 'json':
      return (await import('@codemirror/lang-json')).json()
    case 'python':
      return (await import('@codemirror/lang-python')).python()
    case 'rust':
      return (await import('@codemirror/lang-rust')).rust()
    case 'css':
      return (await import('@codemirror/lang-css')).css()
    case 'html':
      return (await import('@codemirror/lang-html')).html()
    case 'xml':
      return (await import('@codemirror/lang-xml')).xml()
    case 'sql':
      return (await import('@codemirror/lang-sql')).sql()
    case 'yaml':
      return (await import('@codemirror/lang-yaml')).yaml()
    case 'markdown':
      return (await import('@codemirror/lang-markdown')).markdown()
  }
}
