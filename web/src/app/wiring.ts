/** Ties the upload engine to what is shown: folders fill as files arrive, and the tray empties when somebody leaves. */
import { forgetChanges, noteArrivals, type Arrival } from '../api/listings'
import { forgetVisits } from '../api/places'
import { sessionQuery } from '../api/session'
import { forgetThumbs } from '../files/thumbs/maker'
import { forgetScrolls } from '../files/views'
import { keepFor } from '../ui/kept'
import { uploads } from '../upload/browser'
import { queries } from './queries'

const EVERY_MS = 300
/** While thousands arrive, what they cost is better spent on them than on drawing a folder that grows. */
const CROWDED_MS = 8_000
const CROWDED = 100

let timer: ReturnType<typeof setTimeout> | undefined
/** By location. */
const arrived = new Map<string, Arrival[]>()

/** Folders are drawn anew once in a while, however many files arrive, and are not listed anew for it. */
export function keepFoldersFresh(): void {
  uploads.onCompleted(({ location, ...file }) => {
    const arrival = { ...file, at: Date.now() }
    const before = arrived.get(location)
    if (before === undefined) arrived.set(location, [arrival])
    else before.push(arrival)
    showSoon()
  })
}

function showSoon(): void {
  timer ??= setTimeout(show, uploads.getTotals().busy > CROWDED ? CROWDED_MS : EVERY_MS)
}

function show(): void {
  timer = undefined
  const waiting = [...arrived]
  arrived.clear()
  for (const [location, arrivals] of waiting) {
    const later = noteArrivals(queries, location, arrivals)
    if (later.length > 0) arrived.set(location, later)
  }
  if (arrived.size > 0) showSoon()
}

/**
 * A session may also just have ended: then the browser keeps, under the person's uid, how they like things to look.
 * Signing out has the browser clear everything (`Clear-Site-Data`).
 */
export function forgetOnSignOut(): void {
  queries.getQueryCache().subscribe(({ query, type }) => {
    const isSession = query.queryHash === JSON.stringify(sessionQuery.queryKey)
    if (type === 'updated' && isSession && query.state.data === null) forget()
  })
}

function forget(): void {
  uploads.reset()
  arrived.clear()
  forgetChanges()
  forgetVisits()
  forgetThumbs()
  forgetScrolls()
  keepFor(undefined)
}
