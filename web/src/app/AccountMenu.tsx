import { useNavigate } from '@tanstack/react-router'
import { LogOut, UserRound } from 'lucide-react'
import type { Person } from '../api/types'
import { m } from '../i18n/messages'
import { Menu } from '../ui/Menu'
import { leave } from './leave'

export function AccountMenu({ person }: { person: Person }) {
  const navigate = useNavigate()
  return (
    <div className="account-menu">
      <Menu
        icon
        look="quiet"
        label={m.app.accountOf(person.name)}
        trigger={<span className="avatar">{initials(person.name)}</span>}
        actions={[
          {
            id: 'account',
            label: m.app.account(),
            icon: <UserRound size={16} aria-hidden />,
            onAction: () => void navigate({ to: '/account' }),
          },
          {
            id: 'sign-out',
            label: m.app.signOut(),
            icon: <LogOut size={16} aria-hidden />,
            onAction: () => void leave(() => navigate({ to: '/sign-in' })),
          },
        ]}
      />
    </div>
  )
}

function initials(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => word !== '')
  const letters = words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0]) : [...name].slice(0, 2)
  return letters.join('').toLocaleUpperCase()
}
