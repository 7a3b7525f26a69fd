import type { RegistrationMode } from '../api/types'
import { m } from '../i18n/messages'
import { Choice } from './Choice'

type Mode = RegistrationMode

const modes: readonly { value: Mode; label: string; text: string }[] = [
  { value: 'approval', label: m.registration.approval(), text: m.registration.approvalText() },
  { value: 'open', label: m.registration.open(), text: m.registration.openText() },
  { value: 'invitation', label: m.registration.invitation(), text: m.registration.invitationText() },
  { value: 'domains', label: m.registration.domains(), text: m.registration.domainsText() },
  { value: 'closed', label: m.registration.closed(), text: m.registration.closedText() },
]

interface Props {
  label: string
  value: Mode
  onChange: (mode: Mode) => void
  /** Whether mail domains can be named beside it. */
  domains?: boolean
}

/** Who may register: asked at set-up, and again in the settings. */
export function RegistrationChoice({ domains = false, ...props }: Props) {
  return <Choice {...props} options={domains ? modes : modes.filter(({ value }) => value !== 'domains')} />
}
