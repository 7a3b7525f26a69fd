import { useNavigate } from '@tanstack/react-router'
import { KeyRound, Languages, LogOut, Terminal, UserRound } from 'lucide-react'
import { useSignOut } from '../account/useSignOut'
import type { Person } from '../api/types'
import { language, LANGUAGES, m } from '../i18n/messages'
import { choose } from '../ui/language'
import { Menu } from '../ui/Menu'
import { toast } from '../ui/toasts'

/** Of whom an administrator sees as, there are no account pages. */
export function AccountMenu({ person, viewed }: { person: Person; viewed: boolean }) {
  const navigate = useNavigate()
  const signOut = useSignOut()
  const own = [
    {
      id: 'account',
      label: m.app.account(),
      icon: <UserRound size={16} aria-hidden />,
      onAction: () => void navigate({ to: '/account' }),
    },
    {
      id: 'keys',
      label: m.app.keys(),
      icon: <KeyRound size={16} aria-hidden />,
      onAction: () => void navigate({ to: '/keys' }),
    },
    {
      id: 'tokens',
      label: m.app.tokens(),
      icon: <Terminal size={16} aria-hidden />,
      onAction: () => void navigate({ to: '/tokens' }),
    },
  ]
  return (
    <div className="account-menu">
      <Menu
        icon
        look="quiet"
        label={m.app.accountOf(initials(person.name), person.name)}
        trigger={<span className="avatar">{initials(person.name)}</span>}
        actions={[
          ...(viewed ? [] : own),
          ...LANGUAGES.filter(([other]) => other !== language()).map(([other, itself]) => ({
            id: `language-${other}`,
            label: itself,
            icon: <Languages size={16} aria-hidden />,
            onAction: () => void choose(other).catch(() => toast(m.common.noAnswer())),
          })),
          {
            id: 'sign-out',
            label: m.app.signOut(),
            icon: <LogOut size={16} aria-hidden />,
            onAction: () => signOut.mutate(),
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
