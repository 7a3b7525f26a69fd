/** What the page on which strangers send files says while it works, in the language in which the server wrote it. */

const english = {
  choose: 'Choose files',
  drop: 'or drop them here',
  list: 'Files',
  queued: 'Waiting',
  verifying: 'Comparing with what arrived before',
  uploading: (percent: number) => `Sending: ${percent} %`,
  waiting: 'No answer; it goes on by itself',
  paused: 'Paused',
  needsFile: 'Interrupted: choose this file again to go on',
  finishing: 'Checking',
  done: 'Sent',
  cancel: 'Cancel',
  retry: 'Try again',
  remove: 'Remove',
  of: (action: string, name: string) => `${action}: ${name}`,
  arrived: (name: string) => `${name} was sent.`,
  failed: 'It could not be sent.',
  changed: 'The file was changed while it was sent. Try again.',
  unreadable: 'The file cannot be read. Choose it again.',
  problems: {
    'request-kind-refused': 'Files of this kind are not asked for.',
    'request-name-invalid': 'No file may have this name. Rename it and choose it again.',
    'request-file-too-large': 'The file is larger than is taken.',
    'request-sender-full': 'You have sent as many files as one may.',
    'request-full': 'No more files are taken. Tell whoever asked you.',
    'request-unavailable': 'Files are no longer taken here. Ask whoever gave you the address for a new one.',
    'quota-exceeded': 'There is no room for the file. Tell whoever asked you.',
  },
}

export type Words = typeof english

const german: Words = {
  choose: 'Dateien auswählen',
  drop: 'oder hierher ziehen',
  list: 'Dateien',
  queued: 'Wartet',
  verifying: 'Wird mit schon Angekommenem verglichen',
  uploading: (percent) => `Wird gesendet: ${percent} %`,
  waiting: 'Keine Antwort; es geht von selbst weiter',
  paused: 'Angehalten',
  needsFile: 'Unterbrochen: Wählen Sie diese Datei noch einmal aus, um fortzufahren',
  finishing: 'Wird geprüft',
  done: 'Gesendet',
  cancel: 'Abbrechen',
  retry: 'Noch einmal versuchen',
  remove: 'Entfernen',
  of: (action, name) => `${action}: ${name}`,
  arrived: (name) => `${name} wurde gesendet.`,
  failed: 'Die Datei ließ sich nicht senden.',
  changed: 'Die Datei wurde während des Sendens geändert. Versuchen Sie es noch einmal.',
  unreadable: 'Die Datei lässt sich nicht lesen. Wählen Sie sie noch einmal aus.',
  problems: {
    'request-kind-refused': 'Dateien dieser Art sind nicht erbeten.',
    'request-name-invalid': 'So darf keine Datei heißen. Benennen Sie sie um und wählen Sie sie noch einmal aus.',
    'request-file-too-large': 'Die Datei ist größer, als angenommen wird.',
    'request-sender-full': 'Sie haben so viele Dateien gesendet, wie einer darf.',
    'request-full': 'Es werden keine Dateien mehr angenommen. Sagen Sie das der Person, die Sie gebeten hat.',
    'request-unavailable': 'Hier werden keine Dateien mehr angenommen. Bitten Sie die Person, von der Sie die Adresse haben, um eine neue.',
    'quota-exceeded': 'Für die Datei ist kein Platz. Sagen Sie das der Person, die Sie gebeten hat.',
  },
}

export function wordsFor(language: string): Words {
  return language.startsWith('de') ? german : english
}
