/** Deutsch: ein Ordner, wie er zu einem Zeitpunkt war. */
import { count, plural } from '../format'
import type { Messages } from '../messages'

const items = (n: number): string => plural(n, 'Den Eintrag', `${count(n)} Einträge`)

export const past: Messages['past'] = {
  link: () => 'Früherer Stand …',
  title: (name) => `${name}: früherer Stand`,
  text: () => 'Was zu einem Zeitpunkt in einem Ordner war, nach den Versionen, die der Bucket aufbewahrt. Sie können es ansehen, herunterladen und zurückholen.',
  back: () => 'Zurück zum Ordner, wie er ist',
  way: () => 'Ordner darüber',
  moment: () => 'Datum und Uhrzeit',
  show: () => 'Zeigen',
  noMoment: () => 'Wählen Sie Datum und Uhrzeit.',
  notYet: () => 'Wählen Sie einen Zeitpunkt, der vergangen ist.',
  banner: (when) => `Wie es am ${when} war.`,
  readOnly: () => 'Hier lässt sich nichts ändern; was Sie zurückholen, wird in den Ordner geschrieben, wie er ist.',
  failed: () => 'Was da war, ließ sich nicht herausfinden',
  looking: (n) => (n === 0 ? 'Die Versionen werden durchgesehen …' : `${count(n)} gefunden, es wird noch gesucht …`),
  list: () => 'Was da war',
  expired: (since) => `Der Bucket bewahrt Ersetztes und Gelöschtes erst seit ${since} auf. Davor können hier Dateien gewesen sein, die nicht gezeigt werden.`,
  unversioned: () => 'Einiges davon wurde geschrieben, als der Bucket keine Versionen aufbewahrte. Was vorher da war, ist nicht bekannt und wird nicht gezeigt.',
  unknown: () => 'Sie dürfen nicht lesen, wie lange der Bucket Versionen aufbewahrt. Es können hier Dateien gewesen sein, die nicht gezeigt werden.',
  empty: () => 'Der Ordner war leer',
  notThere: () => 'Den Ordner gab es nicht',
  nothingKnown: () => 'Keine Version sagt, dass hier etwas war',
  changed: () => 'Seither geändert',
  deleted: () => 'Seither gelöscht',
  added: () => 'Seither dazugekommen',
  look: (name) => `${name} ansehen, wie es war`,
  save: (name) => `${name} herunterladen, wie es war`,
  versions: (name) => `Versionen von ${name}`,
  restoreChosen: () => 'Auswahl zurückholen',
  restoreAll: () => 'Ganzen Ordner zurückholen',
  restore: () => 'Zurückholen',
  restoreTitle: (n, when) => `${n === undefined ? 'Den ganzen Ordner' : items(n)} mit dem Stand vom ${when} zurückholen?`,
  restoreText: () => 'Jede Datei, die anders ist, bekommt ihren früheren Stand als neueste Version. Was sie jetzt ist, bleibt unter ihren Versionen. Was jemand inzwischen schreibt, bleibt stehen.',
  deleteNewer: () => 'Auch in den Papierkorb legen, was seither dazugekommen ist',
  newerStays: () => 'Was seither dazugekommen ist, bleibt.',
  newerUnknown: () => 'Versionen aus der Zeit davor sind fort; was seither dazugekommen ist, weiß niemand.',
  newerUnversioned: () => 'Von manchem wurden keine Versionen aufbewahrt; was seither dazugekommen ist, weiß niemand.',
  newerUntold: () => 'Sie dürfen nicht lesen, wie lange Versionen aufbewahrt werden; was seither dazugekommen ist, ist deshalb nicht bekannt.',
}
