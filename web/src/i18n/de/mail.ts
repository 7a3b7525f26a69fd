/** Deutsch: Mailadressen, Links per Mail, und was nicht verschickt werden konnte. */
import { dateTime } from '../format'
import type { Messages } from '../messages'

export const forgotten: Messages['forgotten'] = {
  title: () => 'Passwort vergessen',
  link: () => 'Passwort vergessen?',
  text: () => 'Sagen Sie, wer Sie sind. Hat Ihr Konto eine bestätigte E-Mail-Adresse, geht ein Link dorthin.',
  who: () => 'Name oder E-Mail',
  whoMissing: () => 'Geben Sie Ihren Namen oder Ihre E-Mail-Adresse ein.',
  submit: () => 'Link schicken',
  asked: () => 'Sehen Sie in Ihre Mail',
  askedText: () => 'Gibt es ein solches Konto mit einer bestätigten Adresse, ist ein Link unterwegs. Er gilt einmal, 20 Minuten lang.',
  nothingCame: () => 'Nichts gekommen? Sehen Sie bei unerwünschter Mail nach; an eine Adresse gehen höchstens fünf Links am Tag. Auch ein Administrator kann Ihnen einen Link geben.',
  noMail: () => 'Auf diesem Server ist keine Mail eingerichtet. Fragen Sie einen Administrator: Er kann Ihnen einen Link geben, mit dem Sie ein neues Passwort setzen.',
}

export const mailCheck: Messages['mailCheck'] = {
  title: () => 'E-Mail-Adresse bestätigen',
  text: () => 'Der Link kam an Ihre Adresse. Drücken Sie den Knopf, wenn Sie sie hier angegeben haben.',
  confirm: () => 'Adresse bestätigen',
  done: () => 'Die Adresse ist bestätigt',
  doneText: () => 'Links und Nachrichten gehen von jetzt an dorthin.',
  waitText: () => 'Ein Administrator muss Ihr Konto noch bestätigen; danach können Sie sich anmelden.',
  refused: () => 'Dieser Link gilt nicht',
  refusedText: () => 'Er wurde vielleicht benutzt oder ersetzt, oder er ist zu alt. Melden Sie sich an und lassen Sie sich auf der Seite Ihres Kontos einen neuen schicken, oder registrieren Sie sich noch einmal.',
  noToken: () => 'Dieser Link ist nicht vollständig',
  noTokenText: () => 'Öffnen Sie den ganzen Link so, wie er in der Mail steht.',
}

export const email: Messages['email'] = {
  title: () => 'E-Mail',
  text: () => 'Ist sie bestätigt, gehen Links für ein vergessenes Passwort und Nachrichten über Änderungen dorthin.',
  failed: () => 'Ihre E-Mail-Adresse konnte nicht geladen werden',
  none: () => 'Sie haben keine angegeben.',
  checked: () => 'Bestätigt',
  unchecked: () => 'Nicht bestätigt',
  wanted: (email: string, until: string) => `An ${email} ging ein Link. Folgen Sie ihm bis ${dateTime(until)}; vorher ändert sich nichts.`,
  give: () => 'E-Mail-Adresse',
  another: () => 'Andere E-Mail-Adresse',
  send: () => 'Link dorthin schicken',
  again: (email: string) => `Noch einen an ${email} schicken`,
  sent: (email: string) => `Ein Link an ${email} ist unterwegs.`,
  remove: () => 'Adresse entfernen',
  removed: () => 'Die Adresse ist entfernt.',
}
