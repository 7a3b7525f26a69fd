/** Deutsch: die Seite dessen, was die Prüfung auf Schadsoftware zurückhält. */
import { count } from '../format'
import type { AdministrationMessages } from '../administration'

export const quarantine: AdministrationMessages['quarantine'] = {
  pageText: (onlyClean: boolean) =>
    onlyClean
      ? 'Dateien, in denen die Prüfung auf Schadsoftware etwas gefunden hat, und solche, die sie nicht prüfen konnte. Nur die Verwaltung kann sie öffnen.'
      : 'Dateien, in denen die Prüfung auf Schadsoftware etwas gefunden hat: Nur die Verwaltung kann sie öffnen. Dateien, die sie nicht prüfen konnte, stehen auch hier; sie lassen sich öffnen.',
  off: () => 'Dateien werden nicht auf Schadsoftware geprüft: Es ist kein Scanner eingerichtet.',
  waiting: (n: number) => (n === 1 ? '1 Datei wartet auf die Prüfung.' : `${count(n)} Dateien warten auf die Prüfung.`),
  failing: (n: number) => `${count(n)} davon wurden schon versucht: Vielleicht ist der Scanner nicht da.`,
  found: (n: number) => (n === 1 ? '1 Datei ist befallen' : `${count(n)} Dateien sind befallen`),
  failed: () => 'Was gefunden wurde, konnte nicht geladen werden',
  none: () => 'Nichts wird zurückgehalten',
  noneText: () => 'Was der Scanner findet, steht dann hier.',
  file: () => 'Datei',
  finding: () => 'Befund',
  when: () => 'Gefunden',
  releasing: () => 'Wird gerade freigegeben',
  release: () => 'Freigeben',
  releaseTitle: (name: string) => `„${name}“ freigeben`,
  releaseText: () => 'Danach können alle, die hier lesen dürfen, die Datei öffnen, was auch immer der Scanner gesagt hat. Tun Sie das nur, wenn Sie wissen, dass sie harmlos ist.',
  released: (name: string) => `„${name}“ ist freigegeben.`,
  remove: () => 'Löschen',
  removeTitle: (name: string) => `„${name}“ für immer löschen`,
  removeText: () => 'Diese Version der Datei wird gelöscht und kommt nicht wieder. Ihre anderen Versionen bleiben.',
  removed: (name: string) => `„${name}“ ist gelöscht.`,
}
