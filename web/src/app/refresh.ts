/** Shows uploaded files in open folders: at most one reload a while, however many files arrive. */
import { uploads } from '../upload/browser'
import { queries } from './queries'

const EVERY_MS = 1_500

let timer: ReturnType<typeof setTimeout> | undefined
const touched = new Set<string>()

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
