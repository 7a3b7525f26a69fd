/** Ties the upload engine to what is shown: folders fill as files arrive, and the tray empties when somebody leaves. */
import { sessionQuery } from '../api/session'
import { uploads } from '../upload/browser'
import { queries } from './queries'

const EVERY_MS = 1_500

let timer: ReturnType<typeof setTimeout> | undefined
const touched = new Set<string>()

/** At most one reload a while, however many files arrive. */
export function keepFoldersFresh(): void {
  uploads.onCompleted((location) => {
    touched.add(location)
    timer ??= setTimeout(reload, EVERY_MS)
  })
}

function reload(): void {
  timer = undefined
  for (const location of touched) {
    void queries.invalidateQueries({ queryKey: ['entries', location] }, { cancelRefetch: false })
  }
  touched.clear()
}

export function forgetUploadsOnSignOut(): void {
  queries.getQueryCache().subscribe(({ query, type }) => {
    const isSession = query.queryHash === JSON.stringify(sessionQuery.queryKey)
    if (type === 'updated' && isSession && query.state.data === null) uploads.reset()
  })
}
