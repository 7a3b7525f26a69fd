/** Deutsch: die Prüfung auf Schadsoftware. */
import type { Messages } from '../messages'

export const scan: Messages['scan'] = {
  fact: () => 'Prüfung auf Schadsoftware',
  held: (state) => HELD[state],
  heldHint: (state) => HINTS[state],
  said: (said) => SAID[said],
}

const HELD = { waiting: 'Noch nicht geprüft', infected: 'In Quarantäne', unscanned: 'Nicht geprüft' } as const

const HINTS = {
  waiting: 'Sie wird noch auf Schadsoftware geprüft.',
  infected: 'Die Prüfung auf Schadsoftware hat etwas darin gefunden. Nur die Verwaltung kann sie öffnen.',
  unscanned: 'Sie konnte nicht auf Schadsoftware geprüft werden.',
} as const

const SAID = {
  waiting: 'Noch nicht geprüft',
  clean: 'Nichts gefunden',
  infected: 'Es wurde etwas gefunden',
  unscanned: 'Konnte nicht geprüft werden',
  released: 'Von der Verwaltung freigegeben',
  unknown: 'Was gefunden wurde, dürfen Sie nicht sehen',
} as const
