/** Deutsch: was bei der Verwaltung zuerst kommt. */
import type { Messages } from '../messages'

export const steps: Messages['steps'] = {
  title: () => 'Erste Schritte der Verwaltung',
  factor: () => 'Die eigene Anmeldung durch einen zweiten Schritt oder einen Passkey schützen',
  mail: () => 'E-Mail einrichten, damit Links von selbst ankommen',
  person: () => 'Jemanden einladen',
  grant: () => 'Den ersten Zugriff auf einen Ordner geben',
  backup: () => 'Und alles sichern lassen: Der Befehl „wellhouse backup“ tut es, während gearbeitet wird.',
  done: () => 'Erledigt',
  open: () => 'Noch offen',
  dismiss: () => 'Nicht mehr zeigen',
}
