import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { Menu as MenuIcon, X } from 'lucide-react'
import { useState } from 'react'
import { sessionQuery } from '../api/session'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tray } from '../upload/Tray'
import { StepUp } from '../account/StepUp'
import { AccountMenu } from './AccountMenu'
import { Logo } from '../ui/Logo'
import { Navigation } from './Navigation'
import { SignedOut } from './SignedOut'

/** The frame around every page of somebody who is signed in. */
export function Shell() {
  const [open, setOpen] = useState(false)
  const { data: session } = useQuery(sessionQuery)
  if (!session) return <SignedOut />
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {m.app.skip()}
      </a>
      <header className="top">
        <span className="nav-toggle">
          <Button look="quiet" label={m.app.menu()} pressed={open} onPress={() => setOpen(!open)}>
            {open ? <X size={18} aria-hidden /> : <MenuIcon size={18} aria-hidden />}
          </Button>
        </span>
        <Link to="/" className="brand-link" aria-label={m.app.name()}>
          <Logo />
        </Link>
        <AccountMenu person={session.person} />
      </header>
      <Navigation person={session.person} open={open} onNavigate={() => setOpen(false)} />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Tray />
      <StepUp />
    </div>
  )
}
