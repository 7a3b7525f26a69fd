/** Deutsch: anmelden, registrieren, einrichten, eingeladen sein. */
import { counted, dateTime } from '../format'
import type { Messages } from '../messages'

export const door: Messages['door'] = {
  name: () => 'Name',
  password: () => 'Passwort',
  email: () => 'E-Mail',
  passwordHint: () => 'Mindestens 15 Zeichen. Am besten einige Wörter, die nur Sie so zusammenstellen würden.',
  nameMissing: () => 'Wählen Sie einen Namen.',
  passwordShort: (n: number) => `Noch ${counted(n, 'Zeichen', 'Zeichen')}.`,
  nameHint: () => 'Mit diesem Namen melden Sie sich an.',
  signIn: () => 'Anmelden',
  signInText: () => 'Ihre Dateien, und wer was damit tun darf.',
  noAccount: () => 'Noch kein Konto?',
  haveAccount: () => 'Sie haben ein Konto?',
  register: () => 'Konto anlegen',
  registerText: () => 'Neue Konten dürfen ansehen, was freigegeben ist. Mehr gibt ein Administrator.',
  registerApproval: () => 'Ein Administrator muss jedes neue Konto bestätigen, bevor es benutzt werden kann.',
  registerDomains: () => 'Geben Sie eine Mailadresse dieser Organisation an. Ein Administrator muss jedes neue Konto bestätigen, bevor es benutzt werden kann.',
  closed: () => 'Die Registrierung ist geschlossen',
  closedText: () => 'Bitten Sie einen Administrator dieses Servers, sie für Sie zu öffnen.',
  invitationText: () => 'Konten gibt es hier auf Einladung. Bitten Sie einen Administrator dieses Servers um eine.',
  pending: () => 'Wartet auf Bestätigung',
  pendingText: (name: string) => `Ihr Konto „${name}“ ist angelegt. Ein Administrator muss es bestätigen; danach können Sie sich anmelden.`,
  welcome: (name: string) => `Ihr Konto „${name}“ ist bereit. Melden Sie sich an, um fortzufahren.`,
  notSetUp: () => 'Dieser Server ist noch nicht eingerichtet',
  notSetUpText: () => 'Öffnen Sie den Einrichtungslink, den der Server beim Start ausgegeben hat. Er gilt einmal, einen Tag lang.',
  wrong: () => 'Dieser Name und dieses Passwort gehören nicht zusammen.',
  throttled: () => 'Zu viele Versuche. Warten Sie ein wenig bis zum nächsten.',
  awaiting: () => 'Dieses Konto wartet noch auf Bestätigung.',
  disabled: () => 'Dieses Konto ist gesperrt. Fragen Sie einen Administrator.',
  guessedAt: () => 'Zu viele Versuche mit diesem Namen sind fehlgeschlagen. Melden Sie sich mit einem Passkey an, oder in einem Browser, in dem Sie sich schon einmal angemeldet haben; oder bitten Sie die Verwaltung um einen Link zu einem neuen Passwort.',
  tooShort: () => 'Ihr Passwort ist jetzt zu kurz',
  tooShortText: () => 'Es ist richtig, aber die Anmeldung in zwei Schritten ist aus, und dann braucht ein Passwort 15 Zeichen. Setzen Sie binnen 20 Minuten ein längeres, und melden Sie sich damit an.',
  longerPassword: () => 'Ein längeres Passwort setzen',
}

export const setup: Messages['setup'] = {
  title: () => 'Wellhouse einrichten',
  text: () => 'Sie sind hier der oder die Erste und werden damit zum Administrator.',
  noToken: () => 'Dieser Link ist nicht vollständig',
  noTokenText: () => 'Öffnen Sie den ganzen Link, den der Server ausgegeben hat, auch den Teil nach „#“.',
  done: () => 'Dieser Server ist schon eingerichtet',
  registration: () => 'Wer darf sich registrieren?',
  homes: () => 'Eigene Ordner',
  homesText: () => 'Alle bekommen einen eigenen Ordner, den außer Administratoren niemand sonst öffnen kann.',
  submit: () => 'Einrichten und anmelden',
  refused: () => 'Dieser Einrichtungslink gilt nicht mehr. Lassen Sie sich vom Server einen neuen geben.',
}

export const registration: Messages['registration'] = {
  open: () => 'Alle, sofort',
  openText: () => 'Ein neues Konto geht gleich und darf lesen, was freigegeben ist.',
  approval: () => 'Alle, nach Bestätigung',
  approvalText: () => 'Ein neues Konto wartet, bis ein Administrator es bestätigt.',
  closed: () => 'Niemand',
  closedText: () => 'Keine neuen Konten und keine Einladungen.',
  invitation: () => 'Wer eingeladen ist',
  invitationText: () => 'Administratoren laden ein; sonst kann niemand ein Konto anlegen.',
  domains: () => 'Nach Maildomäne, mit Bestätigung',
  domainsText: () => 'Wer eine Mailadresse der genannten Domänen angibt, kann sich registrieren und wartet, bis ein Administrator bestätigt.',
  domainsLabel: () => 'Maildomänen',
  domainsHint: () => 'Zum Beispiel: example.org example.com',
}

export const invitation: Messages['invitation'] = {
  title: () => 'Sie sind eingeladen',
  text: (at: string) => `Wählen Sie ein Passwort, um hereinzukommen. Die Einladung gilt bis ${dateTime(at)}.`,
  named: (name: string) => `Ihr Name hier ist ${name}.`,
  refused: () => 'Diese Einladung gilt nicht',
  refusedText: () => 'Sie wurde vielleicht benutzt oder zurückgezogen, oder sie ist zu alt. Bitten Sie den, der Sie eingeladen hat, um eine neue.',
  noToken: () => 'Dieser Link ist nicht vollständig',
  done: () => 'Willkommen',
  doneText: () => 'Ihr Konto ist angelegt. Melden Sie sich mit dem Passwort an, das Sie gewählt haben.',
}

export const newPassword: Messages['newPassword'] = {
  title: () => 'Ein neues Passwort setzen',
  text: () => 'Alle Ihre Sitzungen enden, wenn Sie es setzen.',
  label: () => 'Neues Passwort',
  submit: () => 'Passwort setzen',
  noToken: () => 'Dieser Link ist nicht vollständig',
  noTokenText: () => 'Öffnen Sie den ganzen Link so, wie Sie ihn bekommen haben.',
  done: () => 'Das Passwort ist gesetzt',
  doneText: () => 'Melden Sie sich damit an.',
  hint: () => 'Mindestens 15 Zeichen, oder 8, wenn die Anmeldung in zwei Schritten an ist. Am besten sind ein paar Wörter, die nur Sie so zusammenstellen würden.',
}
