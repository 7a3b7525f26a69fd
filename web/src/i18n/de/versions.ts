/** Deutsch: die Versionen einer Datei. */
import { count, counted } from '../format'
import type { Messages } from '../messages'

export const versions: Messages['versions'] = {
  title: (name: string) => `Versionen von „${name}“`,
  text: (where: string) => (where === '' ? 'Die neueste steht oben.' : `In ${where}. Die neueste steht oben.`),
  link: () => 'Versionen',
  list: () => 'Versionen',
  back: () => 'Zurück zum Ordner',
  failed: () => 'Die Versionen konnten nicht geladen werden',
  only: () => 'Es gibt nur diese eine',
  onlyText: () => 'Was von nun an ersetzt, bearbeitet oder gelöscht wird, bleibt hier als Version, wo der Bucket Versionen aufbewahrt.',
  current: () => 'Jetzt',
  deleted: (when: string) => `Gelöscht ${when}`,
  save: () => 'Herunterladen',
  saveOf: (when: string) => `Die Version von ${when} herunterladen`,
  restore: () => 'Wiederherstellen',
  restoreOf: (when: string) => `Die Version von ${when} wiederherstellen`,
  restored: (when: string) => `Die Version von ${when} ist wieder die neueste.`,
  compare: () => 'Vergleichen',
  compareOf: (when: string) => `Die Version von ${when} mit der neuesten vergleichen`,
  compareTitle: (when: string) => `Was sich seit ${when} geändert hat`,
  changes: () => 'Änderungen',
  gone: () => 'Weg:',
  come: () => 'Neu:',
  fromLine: (n: number) => `Zeile ${count(n)}`,
  same: () => 'Sie enthalten denselben Text.',
  tooDifferent: () => 'Die beiden Texte haben zu wenig gemeinsam, um sie zu vergleichen.',
  moreLines: (n: number) => `${counted(n, 'weitere Zeile wird', 'weitere Zeilen werden')} nicht gezeigt.`,
  older: () => 'Ältere Versionen zeigen',
}
