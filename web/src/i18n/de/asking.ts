/** Deutsch: um Zugriff bitten, und darüber entscheiden. */
import type { Messages } from '../messages'

export const asking: Messages['asking'] = {
  ask: () => 'Um Zugriff bitten',
  title: () => 'Um Zugriff bitten',
  text: (action: string, path: string) => `Die Verwaltung wird gebeten, dass Sie in „${path}“ ${action} dürfen. Sie sieht die kleinste Rolle, die das erlaubt.`,
  action: (name: string) => ACTIONS[name] ?? name,
  note: () => 'Wozu Sie ihn brauchen',
  noteHint: () => 'Für die, die entscheiden; Ihren Namen sehen sie ohnehin.',
  send: () => 'Bitten',
  sent: () => 'Die Bitte ist abgeschickt. Was entschieden wird, sehen Sie hier.',
  own: () => 'Worum Sie gebeten haben',
  open: () => 'Wartet',
  given: () => 'Gegeben',
  declined: () => 'Abgelehnt',
  decision: () => 'Entscheidung',
  place: () => 'Ort',
  wanted: () => 'Gewünscht',
  page: () => 'Anfragen',
  pageText: () => 'Was jemandem verweigert wurde und worum gebeten wird. Jede Bitte wird mit der kleinsten Rolle beantwortet, die es erlaubt, und nur für den Ordner, um den es geht.',
  waiting: (n: number) => (n === 1 ? '1 Anfrage wartet' : `${n} Anfragen warten`),
  failed: () => 'Die Anfragen konnten nicht geladen werden',
  none: () => 'Niemand wartet',
  noneText: () => 'Wem etwas verweigert wird, der kann darum bitten. Solche Bitten stehen dann hier.',
  who: () => 'Wer',
  when: () => 'Gefragt',
  would: () => 'Das würde gegeben',
  give: () => 'Geben',
  giveTo: (role: string, name: string) => `${name} die Rolle ${role} geben`,
  gave: (role: string, name: string) => `${name} hat jetzt ${role}.`,
  decline: () => 'Ablehnen',
  declineTitle: (name: string) => `Bitte von ${name} ablehnen`,
  answer: () => 'Antwort',
  answerHint: (name: string) => `${name} liest sie bei der Anfrage.`,
  declinedToast: () => 'Abgelehnt.',
}

const ACTIONS: Readonly<Record<string, string>> = {
  's3:ListBucket': 'sehen, was da ist,',
  's3:GetObject': 'Dateien lesen',
  's3:PutObject': 'Dateien schreiben',
  's3:DeleteObject': 'Dateien löschen',
}
