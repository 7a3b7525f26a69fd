/** Deutsch: Umbenennen, Verschieben, Kopieren, Papierkorb. */
import { count, counted, plural } from '../format'
import type { Messages } from '../messages'

const doing = {
  copy: 'kopieren',
  move: 'verschieben',
  delete: 'löschen',
  restore: 'wiederherstellen',
  purge: 'endgültig löschen',
  'restore-past': 'zurückholen',
} as const

const done = {
  copy: 'kopiert',
  move: 'verschoben',
  delete: 'gelöscht',
  restore: 'wiederhergestellt',
  purge: 'endgültig gelöscht',
  'restore-past': 'auf den früheren Stand gebracht',
} as const

const files = (n: number): string => counted(n, 'Datei', 'Dateien')
const items = (n: number): string => counted(n, 'Eintrag', 'Einträge')

export const jobs: Messages['jobs'] = {
  title: () => 'Aufgaben',
  doing: (kind, name, n) => `${n === 0 ? 'Alles' : n === 1 ? `„${name}“` : items(n)} ${doing[kind]}`,
  planning: (n) => (n === 0 ? 'Wird durchgesehen …' : `Wird durchgesehen … bisher ${files(n)}`),
  progress: (ended, total) => `${count(ended)} von ${files(total)}`,
  cancelling: () => 'Wird angehalten …',
  cancel: (name) => `Anhalten: ${name}`,
  done: (kind, n) => `${files(n)} ${done[kind]}.`,
  skipped: (n) => `${count(n)} ausgelassen`,
  failed: (n) => `${files(n)} nicht erledigt`,
  unchanged: (n) => `${files(n)} ${plural(n, 'ist', 'sind')} schon, wie ${plural(n, 'sie war', 'sie waren')}.`,
  cancelled: (kind, n) => `Angehalten. ${files(n)} ${kind === 'restore-past' ? `${plural(n, 'wurde', 'wurden')} nicht zurückgeholt` : `${plural(n, 'ist', 'sind')} noch am alten Ort`}.`,
  stopped: (why) => `Abgebrochen: ${why}`,
  details: () => 'Was nicht ging',
  dismiss: (name) => `Ausblenden: ${name}`,
  exists: (n) => `${files(n)} gibt es dort schon`,
  existsText: () => 'Beim Ersetzen tritt die neue Datei an die Stelle der vorhandenen; zurückholen lässt sich diese nur, wo der Bucket Versionen behält. Behält man beide, bekommt die neue einen anderen Namen.',
  decide: () => 'Entscheiden',
  more: (n) => `… und ${count(n)} weitere`,
}

export const moving: Messages['moving'] = {
  rename: () => 'Umbenennen',
  newName: (name) => `Neuer Name für ${name}`,
  cut: () => 'Ausschneiden',
  copy: () => 'Kopieren',
  paste: (n) => (n === 0 ? 'Einfügen' : `${items(n)} einfügen`),
  nothingToPaste: () => 'Schneiden Sie erst etwas aus, oder kopieren Sie es.',
  wasCut: (n) => `${items(n)} ausgeschnitten. Fügen Sie ${plural(n, 'ihn', 'sie')} am neuen Ort ein.`,
  wasCopied: (n) => `${items(n)} zum Kopieren gemerkt. Fügen Sie ${plural(n, 'ihn', 'sie')} in einem Ordner ein.`,
  moveTo: () => 'Verschieben nach …',
  copyTo: () => 'Kopieren nach …',
  moveTitle: (n) => `${items(n)} verschieben nach`,
  copyTitle: (n) => `${items(n)} kopieren nach`,
  moveHere: () => 'Hierhin verschieben',
  copyHere: () => 'Hierhin kopieren',
  folders: () => 'Ordner',
  noFolders: () => 'Darin gibt es keine Ordner.',
  nameTaken: (name) => `Hier gibt es schon etwas mit dem Namen „${name}“.`,
  deleteForOthers: () => 'Sie selbst können das nicht rückgängig machen, denn Sie dürfen ältere Versionen nicht lesen; wer das darf, kann es zurückholen.',
  deleteForGood: () => 'Das lässt sich hier nicht rückgängig machen: Es werden keine älteren Versionen aufbewahrt, oder Sie dürfen sie nicht lesen.',
}

export const trash: Messages['trash'] = {
  title: (name) => `Papierkorb von ${name}`,
  link: () => 'Papierkorb',
  text: () => 'Wo der Bucket Versionen aufbewahrt, bleibt Gelöschtes hier, bis es endgültig gelöscht wird.',
  empty: () => 'Der Papierkorb ist leer',
  failed: () => 'Der Papierkorb konnte nicht geladen werden',
  deleted: () => 'Gelöscht',
  restore: () => 'Wiederherstellen',
  purge: () => 'Endgültig löschen',
  purgeTitle: (n) => `${items(n)} endgültig löschen?`,
  purgeText: () => 'Jede Version wird aus dem Speicher entfernt. Niemand kann das zurückholen.',
  purgeType: (word) => `Geben Sie ${word} ein, um fortzufahren`,
  select: (path) => `${path} auswählen`,
  all: () => 'Alle auswählen',
  allOf: (n) => `Die ersten ${count(n)} auswählen`,
  more: (n) => `${count(n)} weitere zeigen`,
  shown: (n, total) => (n === total ? `Alle ${count(total)} Einträge gezeigt` : `${count(n)} von ${plural(total, '1 Eintrag', `${count(total)} Einträgen`)} gezeigt`),
  kept: (days) => (days === null ? 'Es wird aufbewahrt, bis es endgültig gelöscht wird.' : `Es wird ${counted(days, 'Tag', 'Tage')} aufbewahrt.`),
  stays: (days) => (days === null ? 'Gelöschtes bleibt hier, bis es endgültig gelöscht wird.' : `Gelöschtes wird ${counted(days, 'Tag', 'Tage')} aufbewahrt.`),
  older: (newest, days) => `Von den älteren Versionen einer Datei ${plural(newest, 'bleibt die neueste', `bleiben die ${count(newest)} neuesten`)}, die anderen werden ${counted(days, 'Tag', 'Tage')} aufbewahrt.`,
  back: () => 'Zurück zum Ordner',
  tooMany: (n) => `Wählen Sie höchstens ${count(n)} auf einmal aus.`,
  looking: (n) => `${count(n)} gefunden, es wird noch gesucht …`,
}
