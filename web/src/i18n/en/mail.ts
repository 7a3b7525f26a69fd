/** English: mail addresses, links by mail, and what could not be sent. */
import { dateTime } from '../format'

export const forgotten = {
  title: () => 'Forgotten password',
  link: () => 'Forgotten password?',
  text: () => 'Say who you are. If your account has a confirmed e-mail address, a link goes there.',
  who: () => 'Name or e-mail',
  whoMissing: () => 'Enter your name or your e-mail address.',
  submit: () => 'Send a link',
  asked: () => 'Look into your mail',
  askedText: () => 'If there is such an account with a confirmed address, a link is on its way. It works once, for 20 minutes.',
  nothingCame: () => 'Nothing came? Look among unwanted mail; at most five links a day go to one address. An administrator can make a link for you, too.',
  noMail: () => 'Mail is not set up on this server. Ask an administrator: they can make a link by which you set a new password.',
}

export const mailCheck = {
  title: () => 'Confirm your e-mail address',
  text: () => 'The link came to your address. Press the button if you gave it here.',
  confirm: () => 'Confirm the address',
  done: () => 'The address is confirmed',
  doneText: () => 'Links and notices go there from now on.',
  waitText: () => 'An administrator has to approve your account; you can sign in after that.',
  refused: () => 'This link is not valid',
  refusedText: () => 'It may have been used, replaced, or be too old. Sign in and have another sent from your account page, or register again.',
  noToken: () => 'This link is not complete',
  noTokenText: () => 'Open the whole link as it stands in the mail.',
}

export const email = {
  title: () => 'E-mail',
  text: () => 'Once it is confirmed, links for a forgotten password and notices of changes go there.',
  failed: () => 'Your e-mail address could not be loaded',
  none: () => 'You have given none.',
  checked: () => 'Confirmed',
  unchecked: () => 'Not confirmed',
  wanted: (email: string, until: string) => `A link was sent to ${email}. Follow it until ${dateTime(until)}; nothing changes before.`,
  give: () => 'E-mail address',
  another: () => 'Another e-mail address',
  send: () => 'Send a link there',
  again: (email: string) => `Send another to ${email}`,
  sent: (email: string) => `A link is on its way to ${email}.`,
  remove: () => 'Remove the address',
  removed: () => 'The address is removed.',
}
