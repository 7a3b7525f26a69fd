/**
 * What a file is shown as. Its name decides, as it does at the server, which gives a type that browsers show to the
 * names of `SHOWN_BY_TYPE` alone. All else is fetched as bytes and drawn by us as text; SVG and HTML are among that.
 */
export type Kind = 'image' | 'video' | 'audio' | 'pdf' | 'markdown' | 'table' | 'text' | 'none'

export const SHOWN_BY_TYPE = {
  image: ['png', 'jpg', 'jpeg', 'gif', 'webp', 'avif'],
  video: ['mp4', 'm4v', 'webm'],
  audio: ['mp3', 'm4a', 'ogg', 'oga', 'wav', 'flac'],
  pdf: ['pdf'],
} as const

export type Language = 'javascript' | 'json' | 'python' | 'rust' | 'css' | 'html' | 'xml' | 'sql' | 'yaml' | 'markdown'

const LANGUAGES: Record<Language, readonly string[]> = {
  javascript: ['js', 'mjs', 'cjs', 'jsx', 'ts', 'mts', 'tsx'],
  json: ['json', 'geojson', 'webmanifest'],
  python: ['py', 'pyi'],
  rust: ['rs'],
  css: ['css'],
  html: ['html', 'htm', 'xhtml'],
  xml: ['xml', 'svg', 'xsl', 'rss', 'atom', 'gpx', 'kml', 'plist'],
  sql: ['sql'],
  yaml: ['yaml', 'yml'],
  markdown: ['md', 'markdown'],
}

const TABLES = ['csv', 'tsv']

const PLAIN = [
  'txt', 'text', 'log', 'jsonl', 'ndjson', 'toml', 'ini', 'conf', 'cfg', 'env', 'properties', 'c', 'h', 'cc', 'cpp', 'hpp',
  'cs', 'go', 'java', 'kt', 'swift', 'rb', 'php', 'pl', 'lua', 'r', 'sh', 'bash', 'zsh', 'fish', 'ps1', 'bat', 'cmd', 'scss',
  'less', 'vue', 'svelte', 'graphql', 'proto', 'tf', 'hcl', 'nix', 'diff', 'patch', 'rst', 'adoc', 'org', 'tex', 'bib', 'srt',
  'vtt', 'ics', 'vcf', 'eml', 'pem', 'pub', 'lock', 'mdx', 'mht', 'mhtml', 'url', 'opf', 'xht', 'shtml', 'hta',
]

/** Names that say what they are without an extension. */
const NAMED = /^(?:\.[^.]+|readme|licen[cs]e|copying|notice|authors|changelog|makefile|dockerfile|todo)$/i

export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase()
}

export function kindOf(name: string): Kind {
  const extension = extensionOf(name)
  const has = (list: readonly string[]): boolean => list.includes(extension)
  if (has(SHOWN_BY_TYPE.image)) return 'image'
  if (has(SHOWN_BY_TYPE.video)) return 'video'
  if (has(SHOWN_BY_TYPE.audio)) return 'audio'
  if (has(SHOWN_BY_TYPE.pdf)) return 'pdf'
  if (has(LANGUAGES.markdown)) return 'markdown'
  if (has(TABLES)) return 'table'
  if (has(PLAIN) || languageOf(name) !== undefined || NAMED.test(name)) return 'text'
  return 'none'
}

export function languageOf(name: string): Language | undefined {
  const extension = extensionOf(name)
  const isIn = (language: Language): boolean => LANGUAGES[language].includes(extension)
  return ALL_LANGUAGES.find(isIn)
}

const ALL_LANGUAGES: readonly Language[] = [
  'javascript', 'json', 'python', 'rust', 'css', 'html', 'xml', 'sql', 'yaml', 'markdown',
]

/** The type that an edited file is stored with. The store shows none of them in anybody's name. */
export function mediaTypeOf(name: string): string {
  switch (extensionOf(name)) {
    case 'csv':
      return 'text/csv; charset=utf-8'
    case 'md':
    case 'markdown':
      return 'text/markdown; charset=utf-8'
    case 'json':
      return 'application/json'
    default:
      return 'text/plain; charset=utf-8'
  }
}
