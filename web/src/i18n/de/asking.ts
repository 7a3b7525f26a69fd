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
}

const ACTIONS: Readonly<Record<string, string>> = {
  's3:ListBucket': 'sehen, was da ist,',
  's3:GetObject': 'Dateien lesen',
  's3:PutObject': 'Dateien schreiben',
  's3:DeleteObject': 'Dateien löschen',
}
