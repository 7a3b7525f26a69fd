/** Deutsch: Mails, die nicht gesendet werden konnten. */
import { counted } from '../format'
import type { AdministrationMessages } from '../administration'

export const mail: AdministrationMessages['mail'] = {
  title: () => 'Mail',
  failed: () => 'Die Mail konnte nicht geprüft werden',
  notSetUp: () => 'Mail ist nicht eingerichtet: Was geschrieben wird, liegt im Datenordner des Servers. Der Betreiber richtet sie ein (mail.transport).',
  none: () => 'Keine Mail wartet, und keine wurde binnen einer Woche aufgegeben.',
  unsent: () => 'Nicht verschickte Mail',
  to: () => 'An',
  about: () => 'Worum es geht',
  written: () => 'Geschrieben',
  why: () => 'Warum',
  givenUp: () => 'Aufgegeben',
  waits: (attempts: number) => (attempts === 0 ? 'Wartet' : `Wartet, ${counted(attempts, 'Versuch', 'Versuche')}`),
}
