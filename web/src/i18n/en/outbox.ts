/** English: mail that could not be sent. */
import { counted } from '../format'

export const mail = {
  title: () => 'Mail',
  failed: () => 'Mail could not be looked at',
  notSetUp: () => 'Mail is not set up: what is written lies in the server’s data folder. An operator sets it up (mail.transport).',
  none: () => 'No mail waits, and none was given up within a week.',
  unsent: () => 'Mail that was not sent',
  to: () => 'To',
  about: () => 'About',
  written: () => 'Written',
  why: () => 'Why',
  givenUp: () => 'Given up',
  waits: (attempts: number) => (attempts === 0 ? 'Waits' : `Waits, tried ${counted(attempts, 'time', 'times')}`),
}
