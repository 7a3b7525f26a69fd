/** German: how the house stands. */
import type { AdministrationMessages } from '../administration'

export const posture: AdministrationMessages['posture'] = {
  text: () => 'Ob Buckets, Rollen, Personen und die Installation sind, wie sie sein sollen. Was nicht herauszufinden war, gilt nie als gut.',
  failed: () => 'Die Sicherheitslage konnte nicht gelesen werden',
  checkNow: () => 'Jetzt prüfen',
  checked: () => 'Geprüft.',
  checkedAt: (at: string) => `Zuletzt geprüft ${at}.`,
  every: (minutes: number) => (minutes === 0 ? 'Geprüft wird nur, wenn jemand es verlangt.' : `Alle ${minutes} Minuten wird wieder geprüft.`),
  never: () => 'Noch niemand hat geprüft',
  neverText: () => 'Prüfen Sie jetzt, oder warten Sie: Der Server tut es von selbst.',
  sum: (fails: number, unknown: number) => {
    const failing = fails === 0 ? 'Nichts fällt durch' : fails === 1 ? 'Eine Prüfung fällt durch' : `${fails} Prüfungen fallen durch`
    return unknown === 0 ? `${failing}.` : `${failing}, und ${unknown === 1 ? 'eine ist' : `${unknown} sind`} nicht bekannt.`
  },
  state: (state) => ({ holds: 'Hält', fails: 'Fällt durch', accepted: 'Hingenommen', unknown: 'Nicht bekannt', 'not-here': 'Gibt es hier nicht' })[state],
  area: (area) => ({ bucket: 'Buckets', roles: 'Rollen und Richtlinien', people: 'Personen', house: 'Installation' })[area],
  standards: () => 'Standards',
  likewise: (id: string) => `wie ${id}`,
  accepted: (until: string, reason: string) => `Hingenommen bis ${until}: ${reason}`,
  over: (until: string, reason: string) => `War hingenommen bis ${until}: ${reason}`,
  fix: () => 'Was zu tun ist',
  open: () => 'Die Seite öffnen',
  command: (check: string) => `Befehl für ${check}`,
  asOf: (at: string) => `Stand ${at}.`,
  only: () => 'Nur, was durchfällt oder nicht bekannt ist',
}
