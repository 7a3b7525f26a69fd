/** Deutsch: wie viel in einem Ordner liegt. */
import { count, counted, dateTime } from '../format'
import type { FolderUsageMessages } from '../folder-usage'

export const folderUsage: FolderUsageMessages = {
  title: (name) => `Belegung von ${name}`,
  text: () => 'Wie viel in diesem Ordner und unter jedem Ordner darin liegt, das Größte zuerst: gezählt werden aktuelle Versionen, soweit Sie sie auflisten dürfen.',
  way: () => 'Weg zu diesem Ordner',
  back: () => 'Ordner öffnen',
  total: (size, files, folders) => `${size} in ${counted(files, 'Datei', 'Dateien')}; ${counted(folders, 'Ordner', 'Ordner')} darin.`,
  asOf: (at) => `Stand: ${dateTime(at)}.`,
  incomplete: () => 'Nicht alles konnte durchgesehen werden: So viel liegt hier mindestens. Gehen Sie in einen Ordner, um zu sehen, was darin liegt.',
  unsure: () => 'Ordner fehlen, von denen nur der Speicher weiß, ob Sie sie auflisten dürfen, etwa je nachdem, wo Sie sind. So viel liegt hier mindestens.',
  failed: () => 'Wie viel hier liegt, ließ sich nicht feststellen',
  none: () => 'Hier liegt nichts',
  noneText: () => 'Was in diesen Ordner hochgeladen wird, wird hier gezählt.',
  table: (name) => `Inhalt von ${name}`,
  name: () => 'Name',
  share: () => 'Anteil',
  size: () => 'Größe',
  files: () => 'Dateien',
  shareOf: (name, share) => `${name}: ${share} % dieses Ordners`,
  leftOut: (n) => `Und ${count(n)} weitere, die kleiner sind. In der Summe sind sie enthalten.`,
}
