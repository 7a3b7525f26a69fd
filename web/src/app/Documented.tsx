/** The page of the document, drawn by what draws Markdown files. */
import gfm from 'remark-gfm'
import { DocumentationPage } from '../documentation/DocumentationPage'
import { MarkdownView } from '../preview/MarkdownView'
import '../styles/preview.css'

const PLUGINS = [gfm]

function Markdown({ content }: { content: string }) {
  return <MarkdownView content={content} plugins={PLUGINS} page />
}

export function Documented() {
  return <DocumentationPage Markdown={Markdown} />
}
