/** Deutsch: alle Links und die Regeln dafür. */
import type { AdministrationMessages } from '../administration'

export const linking: AdministrationMessages['linking'] = {
  text: () => 'Alle Links hier. Ein Link öffnet mit den Rechten dessen, der ihn erstellt hat, so wie sie bei jedem Gebrauch sind.',
  failed: () => 'Die Links konnten nicht geladen werden',
  none: () => 'Niemand teilt etwas mit einem Link',
  noneText: () => 'Links, die jemand erstellt, stehen hier und lassen sich widerrufen.',
  rules: () => 'Regeln',
  rulesText: () => 'Sie gelten auch für Links, die es schon gibt, ab ihrem nächsten Gebrauch.',
  enabled: () => 'Es darf Links geben',
  enabledText: () => 'Ohne das öffnet kein Link, wer ihn auch erstellt hat. Wieder eingeschaltet, öffnen die, die nicht widerrufen sind.',
  requests: () => 'Es darf Dateianfragen geben',
  requestsText: () => 'Ohne das nimmt keine Anfrage Dateien an, wer sie auch gestellt hat.',
  password: () => 'Jeder Link und jede Dateianfrage hat ein Passwort',
  passwordText: () => 'Wo es fehlt, öffnet der Link nicht mehr, und die Anfrage nimmt nichts an.',
  daysMax: () => 'Wie viele Tage ein Link oder eine Dateianfrage gelten darf',
  daysMaxHint: () => 'Von da an gezählt, als er erstellt wurde. Ohne Zahl: bis er widerrufen wird.',
  daysWrong: () => 'Geben Sie eine ganze Zahl von 1 bis 3.650 an.',
  rulesFailed: () => 'Die Regeln konnten nicht geladen werden',
}
