import { Link } from '@tanstack/react-router'
import type { PostureCheck, PostureEvidence } from '../api/types'
import { ma } from '../i18n/administration'
import { date, dateTime } from '../i18n/format'
import { language } from '../i18n/messages'
import { CopyText } from '../ui/CopyText'
import { Marked } from '../ui/Marked'
import { Name } from '../ui/Name'

/** One check, with what is wrong and what to do about it. */
export function Check({ check, lastAt }: { check: PostureCheck; lastAt: string }) {
  const { state, title, means, why, standards, evidence, checked_at } = check
  return (
    <li id={check.id} data-state={state}>
      <h3>
        {title} <span className={`pill ${LOOKS[state]}`}>{ma.posture.state(state)}</span>
      </h3>
      <p className="soft">{means}</p>
      {why === null || why === undefined ? null : (
        <p className="because">
          <Marked text={why} />
        </p>
      )}
      {checked_at === null || checked_at === undefined || checked_at === lastAt ? null : <p className="soft">{ma.posture.asOf(dateTime(checked_at))}</p>}
      <Evidence all={evidence} />
      {state === 'fails' ? <Fix id={check.id} fix={check.fix} /> : null}
      {standards.length === 0 ? null : (
        <p className="soft standards">
          {ma.posture.standards()}: {standards.map(({ id, likewise }) => (likewise ? ma.posture.likewise(id) : id)).join(', ')}
        </p>
      )}
    </li>
  )
}

const LOOKS: Record<PostureCheck['state'], string> = { holds: 'pill-ok', fails: 'pill-bad', accepted: 'pill-warn', unknown: 'pill-warn', 'not-here': '' }

function Evidence({ all }: { all: readonly PostureEvidence[] }) {
  if (all.length === 0) return null
  return (
    <ul>
      {all.map(({ thing, name, said, in_english, page, accepted }) => (
        <li key={`${thing} ${said}`}>
          {page === null || page === undefined ? <Name text={name} /> : <To page={page} name={name} />}
          {': '}
          <span {...(in_english && language() !== 'en' ? { lang: 'en' } : {})}>
            <Marked text={said} />
          </span>{' '}
          <code className="thing">{thing}</code>
          {accepted === null || accepted === undefined ? null : (
            <p>
              <Name text={accepted.over ? ma.posture.over(date(accepted.until), accepted.reason) : ma.posture.accepted(date(accepted.until), accepted.reason)} />
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}

/** A page that shows the thing: of a person, or of a role. */
function To({ page, name }: { page: string; name: string }) {
  const [, kind, id] = page.split('/')
  if (kind === 'people' && id !== undefined) {
    return (
      <Link className="link" to="/people/$uid" params={{ uid: id }}>
        <Name text={name} />
      </Link>
    )
  }
  if (kind === 'roles' && id !== undefined) {
    return (
      <Link className="link" to="/roles/$role" params={{ role: id }}>
        <Name text={name} />
      </Link>
    )
  }
  return (
    <Link className="link" to="/roles">
      <Name text={name} />
    </Link>
  )
}

function Fix({ id, fix: { words, page, command } }: Pick<PostureCheck, 'id' | 'fix'>) {
  return (
    <div className="fix">
      <p>
        <b>{ma.posture.fix()}:</b> <Marked text={words} />.{' '}
        {page === null || page === undefined ? null : (
          <Link className="link" to={page}>
            {ma.posture.open()}
          </Link>
        )}
      </p>
      {command === null || command === undefined ? null : <CopyText label={ma.posture.command(id)} text={command} />}
    </div>
  )
}
