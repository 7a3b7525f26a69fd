import { LogOut } from 'lucide-react'
import type { OpenSession } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from './Button'

interface Props {
  sessions: readonly OpenSession[]
  /** Which one is being ended. */
  ending: string | undefined
  onEnd: (session: OpenSession) => void
}

/** Sessions with their device and place. The one that asks ends by signing out. */
export function SessionList({ sessions, ending, onEnd }: Props) {
  return (
    <table className="table">
      <caption className="hidden-text">{m.sessions.title()}</caption>
      <thead>
        <tr>
          <th scope="col">{m.sessions.device()}</th>
          <th scope="col">{m.sessions.place()}</th>
          <th scope="col">{m.sessions.seen()}</th>
          <th scope="col">{m.sessions.began()}</th>
          <th scope="col" className="end">
            {m.common.actions()}
          </th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr key={session.id}>
            <th scope="row">
              {deviceOf(session)}
              {session.current ? <span className="pill">{m.sessions.current()}</span> : null}
            </th>
            <td data-label={m.sessions.place()}>{session.ip ?? m.sessions.unknown()}</td>
            <td data-label={m.sessions.seen()}>{m.sessions.at(session.seen)}</td>
            <td data-label={m.sessions.began()}>{m.sessions.at(session.began)}</td>
            <td className="end">
              {session.current ? null : (
                <Button
                  look="quiet"
                  label={m.sessions.end(deviceOf(session), session.began)}
                  pending={ending === session.id}
                  onPress={() => onEnd(session)}
                >
                  <LogOut size={16} aria-hidden />
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function deviceOf({ program, system }: OpenSession): string {
  return m.sessions.deviceOf(program, system)
}
