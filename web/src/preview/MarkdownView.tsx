/** Markdown as React nodes. HTML in it stays text, no picture is fetched, and links lead only out, under no name. */
import type { ReactNode } from 'react'
import Markdown, { type Components, type ExtraProps, type Options } from 'react-markdown'
import { m } from '../i18n/messages'
import { safeAddress } from './address'

type Of<T> = { children?: ReactNode } & T & ExtraProps

function Link({ href, children }: Of<{ href?: string | undefined }>) {
  const address = safeAddress(href)
  if (address === undefined) return <span>{children}</span>
  return (
    <a className="link" href={address} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  )
}

/** A picture elsewhere would tell its server who reads; one beside the file has a link of its own, which is not made here. */
function Picture({ alt }: Of<{ alt?: string | undefined }>) {
  return <span className="md-picture">{m.preview.pictureLeftOut(alt ?? '')}</span>
}

function Box({ checked }: Of<{ checked?: boolean | undefined }>) {
  return <span>{checked === true ? '☑ ' : '☐ '}</span>
}

function Table({ children }: Of<object>) {
  return (
    <div className="md-table" role="region" aria-label={m.preview.table()} tabIndex={0}>
      <table>{children}</table>
    </div>
  )
}

function Block({ children }: Of<object>) {
  return <pre tabIndex={0}>{children}</pre>
}

/** Below the dialog's own heading. */
const headings = {
  h1: ({ children }: Of<object>) => <h3 className="md-1">{children}</h3>,
  h2: ({ children }: Of<object>) => <h4 className="md-2">{children}</h4>,
  h3: ({ children }: Of<object>) => <h5 className="md-3">{children}</h5>,
  h4: ({ children }: Of<object>) => <h6>{children}</h6>,
  h5: ({ children }: Of<object>) => <h6>{children}</h6>,
  h6: ({ children }: Of<object>) => <h6>{children}</h6>,
}

/** Of many tables on one page none is a landmark. */
function TableOnPage({ children }: Of<object>) {
  return (
    <div className="md-table" role="group" aria-label={m.preview.table()} tabIndex={0}>
      <table>{children}</table>
    </div>
  )
}

/** A cell of the head that heads nothing. */
function Head({ children }: Of<object>) {
  return children === undefined || children === null ? <td /> : <th scope="col">{children}</th>
}

/** Below the heading of a page. */
const onPage = {
  table: TableOnPage,
  th: Head,
  h1: ({ children }: Of<object>) => <h2 className="md-1">{children}</h2>,
  h2: ({ children }: Of<object>) => <h3 className="md-2">{children}</h3>,
  h3: ({ children }: Of<object>) => <h4 className="md-3">{children}</h4>,
}

const components: Components = { a: Link, img: Picture, input: Box, table: Table, pre: Block, ...headings }
const componentsOnPage: Components = { ...components, ...onPage }

interface Props {
  content: string
  plugins: NonNullable<Options['remarkPlugins']>
  /** It stands on a page, not in a dialog. */
  page?: boolean
}

export function MarkdownView({ content, plugins, page = false }: Props) {
  return (
    <div className="md">
      <Markdown
        remarkPlugins={plugins}
        components={page ? componentsOnPage : components}
        urlTransform={(url) => safeAddress(url) ?? ''}
        remarkRehypeOptions={{ footnoteLabel: m.preview.footnotes(), footnoteBackLabel: m.preview.backToText() }}
      >
        {content}
      </Markdown>
    </div>
  )
}
