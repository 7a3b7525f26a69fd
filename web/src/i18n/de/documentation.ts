/** German: the document of what is in force. */
import type { Messages } from '../messages'

export const documentation: Messages['documentation'] = {
  text: () => 'Was jetzt in Kraft ist, als Dokument: zum Drucken oder zum Mitnehmen.',
  ofRoles: () => 'Was die Rollen, die Sie haben, Sie tun lassen, wie es jetzt in Kraft ist.',
  failed: () => 'Das Dokument konnte nicht gemacht werden',
  print: () => 'Drucken',
  markdown: () => 'Als Markdown',
  page: () => 'Als Seite (HTML)',
  inEnglish: () => 'Das Dokument ist auf Englisch.',
  differs: (count: number, at: string) => `Als der Speicher zuletzt zurückgelesen wurde, ${at}, ${count === 1 ? 'war eine Sache' : `waren ${count} Dinge`} nicht wie hier beschrieben:`,
  wasSo: (at: string) => `Der Speicher wurde zuletzt am ${at} zurückgelesen und war da wie hier beschrieben.`,
  savedSince: () => 'Danach wurden Berechtigungen gespeichert: Ob der Speicher sie hält, ist nicht bekannt.',
  unread: (at: string) => `Beim letzten Versuch, ${at}, ließ sich der Speicher nicht zurücklesen.`,
  notRead: () => 'Der Speicher wurde noch nicht zurückgelesen: Ob es wirklich so ist, ist nicht bekannt.',
}
