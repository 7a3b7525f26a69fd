import { useQuery } from '@tanstack/react-query'
import { ownRequestsQuery } from '../api/access-requests'
import type { AccessRequest } from '../api/types'
import { m } from '../i18n/messages'
import { Name } from '../ui/Name'

/** What one asked for and what became of it; nothing, where one asked for nothing. */
export function OwnRequests() {
  const { data = [] } = useQuery(ownRequestsQuery)
  if (data.length === 0) return null
  return (
    <section className="section">
      <h2>{m.asking.own()}</h2>
      <table className="table">
        <caption className="hidden-text">{m.asking.own()}</caption>
        <thead>
          <tr>
            <th scope="col">{m.asking.place()}</th>
            <th scope="col">{m.asking.wanted()}</th>
            <th scope="col">{m.asking.decision()}</th>
          </tr>
        </thead>
        <tbody>
          {data.map((request) => (
            <tr key={request.id}>
              <th scope="row">
                <code>
                  <Name text={`${request.bucket}/${request.prefix}`} />
                </code>
              </th>
              <td data-label={m.asking.wanted()}>{m.asking.action(request.action)}</td>
              <td data-label={m.asking.decision()}>
                <Decision {...request} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Decision({ decision, answer }: AccessRequest) {
  switch (decision) {
    case 'open':
      return <span className="pill pill-warn">{m.asking.open()}</span>
    case 'given':
      return <span className="pill pill-ok">{m.asking.given()}</span>
    case 'declined':
      return (
        <>
          <span className="pill pill-bad">{m.asking.declined()}</span> {answer}
        </>
      )
  }
}
