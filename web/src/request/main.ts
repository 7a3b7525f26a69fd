/** The page of a file request: the upload engine over the request's own addresses, and nothing of the application. */
import { keepAwake } from '../upload/awake'
import { UploadEngine } from '../upload/engine'
import { workerHasher } from '../upload/hashing'
import { exclusively, heldElsewhere } from '../upload/locks'
import { browserPatience } from '../upload/patience'
import { putByXhr } from '../upload/transfer'
import { answersBrowser, Ways } from '../upload/ways'
import { requestApi } from './api'
import { View } from './view'
import { wordsFor } from './words'

const send = document.getElementById('send')
const sent = document.getElementById('sent')
const language = document.documentElement.lang

if (send !== null && sent !== null) {
  const engine = new UploadEngine({
    api: requestApi(location.pathname),
    hasher: workerHasher(),
    put: putByXhr,
    patience: browserPatience,
    // A stranger's machine remembers nothing of what was sent.
    records: { all: () => Promise.resolve([]), keep: () => Promise.resolve(), forget: () => Promise.resolve() },
    ways: new Ways(answersBrowser, (ms) => new Promise((done) => setTimeout(done, ms))),
    exclusively,
    heldElsewhere,
    renames: true,
    // As many as are sent at once: what is begun holds room, and is given up where no part of it comes within an hour.
    workAtOnce: 6,
  })
  keepAwake(engine)
  void new View(engine, wordsFor(language), language, { send, sent })
  globalThis.addEventListener('beforeunload', (event) => {
    if (engine.unsettled) event.preventDefault()
  })
  engine.restore().catch(() => undefined)
}
