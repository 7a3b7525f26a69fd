/** The upload engine as the browser runs it, and the guard against leaving while it works. */
import { uploadApi } from '../api/uploads'
import { keepAwake } from './awake'
import { UploadEngine } from './engine'
import { workerHasher } from './hashing'
import { exclusively, heldElsewhere } from './locks'
import { browserPatience } from './patience'
import { browserRecords } from './records'
import { putByXhr } from './transfer'
import { answersBrowser, Ways } from './ways'

export const uploads = new UploadEngine({
  api: uploadApi,
  hasher: workerHasher(),
  put: putByXhr,
  patience: browserPatience,
  records: browserRecords(),
  ways: new Ways(answersBrowser, (ms) => new Promise((done) => setTimeout(done, ms))),
  exclusively,
  heldElsewhere,
})

keepAwake(uploads)

globalThis.addEventListener('beforeunload', (event) => {
  if (uploads.unsettled) event.preventDefault()
})
