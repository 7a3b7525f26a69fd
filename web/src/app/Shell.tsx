import { useQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { Menu as MenuIcon, Search, X } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { sessionQuery } from '../api/session'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { AccountMenu } from './AccountMenu'
import { Logo } from '../ui/Logo'
import { Navigation } from './Navigation'
import { Seek } from './Seek'
import { SignedOut } from './SignedOut'

// What is not on the screen at first is fetched when the page is there.
const Tray = lazy(async () => ({ default: (await import('../upload/Tray')).Tray }))
const JobTray = lazy(async () => ({ default: (await import('../jobs/JobTray')).JobTray }))
const ViewingBanner = lazy(async () => ({ default: (await import('./ViewingBanner')).ViewingBanner }))
const StepUp = lazy(async () => ({ default: (await import('../account/StepUp')).StepUp }))
const palette = (): Promise<typeof import('./Palette')> => import('./Palette')
const Palette = lazy(async () => ({ default: (await palette()).Palette }))

/** How often is asked whether it is over, in milliseconds. */
const VIEWING_EVERY_MS = 15_000

/** The frame around every page of somebody who is signed in. */
export function Shell() {
  const [open, setOpen] = useState(false)
  const [finding, setFinding] = useState(false)
  useEffect(() => {
    // Fetched before it is asked for: what is typed next is for it. Should that fail, it is fetched then.
    palette().catch(() => undefined)
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      // A dialog that is open asks for an answer first.
      setFinding((open) => open || document.querySelector('[role=dialog], [role=alertdialog]') === null)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  // Whoever sees as somebody else learns soon that it is over.
  const { data: session } = useQuery({ ...sessionQuery, refetchInterval: ({ state }) => (state.data?.viewing ? VIEWING_EVERY_MS : false) })
  if (!session) return <SignedOut />
  const viewing = session.viewing ?? undefined
  const frame = (
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
        {viewing === undefined ? <Seek /> : null}
        <span className="finder">
          <Button look="quiet" label={m.palette.title()} onPress={() => setFinding(true)}>
            <Search size={17} aria-hidden />
          </Button>
        </span>
        <AccountMenu person={session.person} viewed={viewing !== undefined} />
      </header>
      <Navigation person={session.person} viewed={viewing !== undefined} open={open} onNavigate={() => setOpen(false)} />
      <main id="main" tabIndex={-1}>
        {viewing?.over === true ? null : <Outlet />}
      </main>
      <Suspense fallback={null}>
        <div className="trays">
          {viewing === undefined ? <JobTray /> : null}
          <Tray />
        </div>
        <StepUp />
      </Suspense>
      {finding ? (
        <Suspense fallback={null}>
          <Palette person={session.person} viewed={viewing !== undefined} onClose={() => setFinding(false)} />
        </Suspense>
      ) : null}
    </div>
  )
  if (viewing === undefined) return frame
  return (
    <div className="with-viewing">
      <Suspense fallback={null}>
        <ViewingBanner viewing={viewing} />
      </Suspense>
      {frame}
    </div>
  )
}
