/** Ties the upload engine to what is shown: folders fill as files arrive, and the tray empties when somebody leaves. */
import { forgetVisits } from '../api/places'
import { sessionQuery } from '../api/session'
import { forgetThumbs } from '../files/thumbs/maker'
import { forgetScrolls } from '../files/views'
import { keepFor } from '../ui/kept'
import { uploads } from '../upload/browser'
import { queries } from './queries'

const EVERY_MS = 1_500
/** While thousands arrive, what they cost is better spent on them than on listing a folder that grows. */
const CROWDED_MS = 8_000
const CROWDED = 100

let timer: ReturnType<typeof setTimeout> | undefined
const touched = new Set<string>()

/** At most one reload a while, however many files arrive. */
export function keepFoldersFresh(): void {
  uploads.onCompleted((location) => {
    touched.add(location)
    timer ??= setTimeout(reload, uploads.getTotals().busy > CROWDED ? CROWDED_MS : EVERY_MS)
  })
}

function reload(): void {
  timer = undefined
  for (const location of touched) {
    void queries.invalidateQueries({ queryKey: ['entries', location] }, { cancelRefetch: false })
  }
  touched.clear()
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
  forgetVisits()
  forgetThumbs()
  forgetScrolls()
  keepFor(undefined)
}
