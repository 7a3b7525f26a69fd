import type { PolicyVersion } from '../api/types'
import { ma } from '../i18n/administration'
import { dateTime } from '../i18n/format'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { differingLines } from './lines'

interface Props {
  versions: readonly PolicyVersion[]
  /** What is in force, indented. */
  current: string
  onLoad: (document: string) => void
}

/** What was saved of a role, by whom and why; and how it differs from what is in force. */
export function PolicyVersions({ versions, current, onLoad }: Props) {
  return (
    <section aria-labelledby="versions">
      <h2 id="versions">{ma.changes.versions()}</h2>
      {versions.length === 0 ? <p className="soft">{ma.changes.noVersions()}</p> : null}
      <ol className="policy-versions">
        {versions.map((version) => (
          <li key={version.number}>
            <h3>{ma.changes.version(version.number)}</h3>
            <p className="soft">
              <Name text={ma.changes.byAuthor(version.author.name ?? ma.changes.someone(), dateTime(version.saved))} />
            </p>
            {version.note === '' ? null : (
              <p>
                <Name text={version.note} />
              </p>
            )}
            {version.document === null ? <p>{ma.changes.isStandard()}</p> : <Document document={version.document} current={current} onLoad={onLoad} />}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Document({ document, current, onLoad }: { document: string; current: string; onLoad: (document: string) => void }) {
  const lines = differingLines(current, document)
  return (
    <>
      {lines.length === 0 ? null : (
        <details>
          <summary>{ma.changes.difference()}</summary>
          <pre tabIndex={0}>{lines.map(({ kind, text }) => `${kind === 'gone' ? '−' : '+'} ${text}`).join('\n')}</pre>
        </details>
      )}
      <Button onPress={() => onLoad(document)}>{ma.changes.load()}</Button>
    </>
  )
}
