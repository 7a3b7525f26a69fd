/** Deutsch: über das entscheiden, worum gebeten wurde. */
import type { AdministrationMessages } from '../administration'

export const deciding: AdministrationMessages['deciding'] = {
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
