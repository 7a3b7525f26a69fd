import { m } from '../i18n/messages'
import { Choice } from './Choice'

type Mode = 'open' | 'approval' | 'closed'

const modes: readonly { value: Mode; label: string; text: string }[] = [
  { value: 'approval', label: m.registration.approval(), text: m.registration.approvalText() },
  { value: 'open', label: m.registration.open(), text: m.registration.openText() },
  { value: 'closed', label: m.registration.closed(), text: m.registration.closedText() },
]

/** Who may register: asked at set-up, and again in the settings. */
export function RegistrationChoice(props: { label: string; value: Mode; onChange: (mode: Mode) => void }) {
  return <Choice {...props} options={modes} />
}
