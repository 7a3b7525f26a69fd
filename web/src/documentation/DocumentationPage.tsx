import { useQuery } from '@tanstack/react-query'
import type { ComponentType } from 'react'
import { documentationFile, documentationQuery } from '../api/posture'
import type { Documentation } from '../api/types'
import { dateTime } from '../i18n/format'
import { language, m } from '../i18n/messages'
import '../styles/documentation.css'
import { Button } from '../ui/Button'
import { Marked } from '../ui/Marked'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'

/** What draws Markdown. */
export type Drawn = ComponentType<{ content: string }>

/** The roles and policies that are in force, as a document: the whole estate, or of one's own roles. */
export function DocumentationPage({ Markdown }: { Markdown: Drawn }) {
  const { data, error, isPending, refetch } = useQuery(documentationQuery)
  return (
    <Page title={m.app.documentation()} text={data?.whole === false ? m.documentation.ofRoles() : m.documentation.text()}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.documentation.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : (
        <>
          <div className="document-takes">
            <Button onPress={() => window.print()}>{m.documentation.print()}</Button>
            <a className="link" href={documentationFile('markdown')} download>
              {m.documentation.markdown()}
            </a>
            <a className="link" href={documentationFile('html')} download>
              {m.documentation.page()}
            </a>
            {language() === 'en' ? null : <span className="soft">{m.documentation.inEnglish()}</span>}
          </div>
          {data.whole ? <Standing {...data} /> : null}
          <article className="document" lang="en" aria-label={m.app.documentation()}>
            <Markdown content={data.markdown} />
          </article>
        </>
      )}
    </Page>
  )
}

function Standing({ read_at, unread_at, saved_since: saved, differences }: Documentation) {
  const [read, unread] = [read_at ?? undefined, unread_at ?? undefined]
  if (read === undefined) {
    return (
      <Notice tone="warn">
        <p>{m.documentation.notRead()}</p>
        {unread === undefined ? null : <p>{m.documentation.unread(dateTime(unread))}</p>}
      </Notice>
    )
  }
  if (differences.length === 0 && !saved && unread === undefined) return null
  return (
    <Notice tone="warn">
      {differences.length === 0 ? <p>{m.documentation.wasSo(dateTime(read))}</p> : <p>{m.documentation.differs(differences.length, dateTime(read))}</p>}
      {differences.length === 0 ? null : (
        <ul>
          {differences.map((line) => (
            <li key={line} lang="en">
              <Marked text={line} />
            </li>
          ))}
        </ul>
      )}
      {saved ? <p>{m.documentation.savedSince()}</p> : null}
      {unread === undefined ? null : <p>{m.documentation.unread(dateTime(unread))}</p>}
    </Notice>
  )
}
