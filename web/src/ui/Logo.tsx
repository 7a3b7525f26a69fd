import { m } from '../i18n/messages'

export function Logo() {
  return (
    <span className="brand">
      <img src="/icon.svg" alt="" width="26" height="26" />
      <span>{m.app.name()}</span>
    </span>
  )
}
