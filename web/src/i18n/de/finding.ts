/** Deutsch: die Befehlspalette und die Tasten. */
import type { Messages } from '../messages'

export const palette: Messages['palette'] = {
  title: () => 'Gehe zu, oder tue',
  label: () => 'Ein Ordner, eine Seite oder ein Befehl',
  here: () => 'Hier',
  entries: () => 'In diesem Ordner',
  places: () => 'Speicherorte und Ordner',
  pages: () => 'Seiten',
  nothing: () => 'So heißt nichts.',
}

export const help: Messages['help'] = {
  title: () => 'Tastenkürzel',
  letters: () => 'Einzelne Buchstaben und Zeichen',
  lettersOn: () => 'Buchstaben und Zeichen bewirken etwas, solange die Liste den Fokus hat',
  ctrl: (key: string) => `Strg + ${key}`,
  pages: () => 'Bild auf, ab',
  enter: () => 'Eingabe',
  backspace: () => 'Rücktaste, Alt+↑',
  space: () => 'Leertaste',
  del: () => 'Entf',
  move: () => 'Zur nächsten Zeile gehen und sie auswählen',
  ends: () => 'Erste Zeile, letzte Zeile',
  page: () => 'Einen Bildschirm nach oben oder unten',
  open: () => 'Ordner öffnen, Datei herunterladen',
  parent: () => 'Der Ordner darüber',
  toggle: () => 'Auswählen, oder aus der Auswahl nehmen',
  range: () => 'Alle Zeilen auf dem Weg auswählen',
  walk: () => 'Weitergehen und die Auswahl lassen, wie sie ist',
  all: () => 'Alles auswählen',
  none: () => 'Nichts auswählen',
  remove: () => 'Löschen, was ausgewählt ist',
  menu: () => 'Menü zu dem, was ausgewählt ist',
  paste: () => 'Einfügen, was ausgeschnitten oder kopiert ist; kopierte Dateien hochladen',
  rename: () => 'Umbenennen',
  cutOrCopy: () => 'Ausschneiden, kopieren',
  palette: () => 'Zu einem Ordner oder einer Seite gehen, oder etwas tun',
  type: () => 'Zum nächsten Namen, der so beginnt',
  filter: () => 'Den Ordner filtern',
  favourite: () => 'Merken oder nicht mehr merken: was ausgewählt ist, sonst den Ordner',
  help: () => 'Diese Übersicht',
}
