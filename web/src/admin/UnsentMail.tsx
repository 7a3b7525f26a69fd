import { useQuery } from '@tanstack/react-query'
import { mailQuery } from '../api/mail'
import type { UnsentMail } from '../api/types'
import { dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { Failure, Loading, Notice } from '../ui/Notice'

/** Whether mail is set up, and what waits or could not be sent. */
export function MailStanding() {
  const { data, error, isPending, refetch } = useQuery(mailQuery)
  return (
    <section className="section" aria-label={ma.mail.title()}>
      <h2>{ma.mail.title()}</h2>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.mail.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.set_up === false ? <Notice tone="calm">{ma.mail.notSetUp()}</Notice> : null}
      {data === undefined ? null : data.unsent.length === 0 ? <p className="soft">{ma.mail.none()}</p> : <Unsent mails={data.unsent} />}
    </section>
  )
}

function Unsent({ mails }: { mails: readonly UnsentMail[] }) {
  return (
    <table className="table">
      <caption className="hidden-text">{ma.mail.unsent()}</caption>
      <thead>
        <tr>
          <th scope="col">{ma.mail.to()}</th>
          <th scope="col">{ma.mail.about()}</th>
          <th scope="col">{ma.people.status()}</th>
          <th scope="col">{ma.mail.written()}</th>
          <th scope="col">{ma.mail.why()}</th>
        </tr>
      </thead>
      <tbody>
        {mails.map((mail) => (
          <tr key={`${mail.recipient} ${mail.kind} ${mail.created}`}>
            <th scope="row">{mail.recipient}</th>
            <td data-label={ma.mail.about()}>{mail.kind}</td>
            <td data-label={ma.people.status()}>
              <span className={mail.given_up ? 'pill pill-bad' : 'pill pill-warn'}>
                {mail.given_up ? ma.mail.givenUp() : ma.mail.waits(mail.attempts)}
              </span>
            </td>
            <td data-label={ma.mail.written()}>{dateTime(mail.created)}</td>
            <td data-label={ma.mail.why()}>{mail.error ?? '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
