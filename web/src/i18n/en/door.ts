/** English: signing in, registering, and the pages that a link opens. */
import { count, counted, dateTime } from '../format'

export const door = {
  name: () => 'Name',
  password: () => 'Password',
  email: () => 'E-mail',
  passwordHint: (min: number) => `At least ${count(min)} characters. A few words that only you would put together are best.`,
  nameMissing: () => 'Choose a name.',
  passwordShort: (n: number) => `${counted(n, 'more character', 'more characters')} to go.`,
  nameHint: () => 'You sign in with this name.',
  signIn: () => 'Sign in',
  signInText: () => 'Your files, and who may do what with them.',
  noAccount: () => 'No account yet?',
  haveAccount: () => 'You have an account?',
  register: () => 'Create an account',
  registerText: () => 'New accounts can look at what is shared. More is granted by an administrator.',
  registerApproval: () => 'An administrator has to approve each new account before it can be used.',
  registerDomains: () => 'Give a mail address of this organisation. An administrator has to approve each new account before it can be used.',
  closed: () => 'Registration is closed',
  closedText: () => 'Ask an administrator of this server to open it for you.',
  invitationText: () => 'Accounts here are made by invitation. Ask an administrator of this server for one.',
  pending: () => 'Waiting for approval',
  pendingText: (name: string) => `Your account “${name}” has been made. An administrator has to approve it; you can sign in after that.`,
  welcome: (name: string) => `Your account “${name}” is ready. Sign in to go on.`,
  notSetUp: () => 'This server has not been set up yet',
  notSetUpText: () => 'Open the set-up link that the server printed when it was started. It works once, for one day.',
  wrong: () => 'That name and password do not belong together.',
  throttled: () => 'Too many attempts. Wait a little before the next one.',
  guessedAt: () => 'Too many attempts with this name have failed. Sign in with a passkey, or in a browser in which you have signed in before; or ask an administrator for a link to a new password.',
  tooShort: () => 'Your password is too short now',
  tooShortText: () => 'It is right, but two-step sign-in is off, and then a password must have 15 characters. Set a longer one, within 20 minutes, and sign in with it.',
  longerPassword: () => 'Set a longer password',
  awaiting: () => 'This account is still waiting for approval.',
  disabled: () => 'This account has been disabled. Ask an administrator.',
}

export const setup = {
  title: () => 'Set up Wellhouse',
  text: () => 'You are the first here, so this makes you the administrator.',
  noToken: () => 'This link is not complete',
  noTokenText: () => 'Open the whole link that the server printed, including the part after “#”.',
  done: () => 'This server is already set up',
  registration: () => 'Who may register?',
  homes: () => 'Home folders',
  homesText: () => 'Everyone gets a folder of their own, which nobody else but administrators can open.',
  submit: () => 'Set up and sign in',
  refused: () => 'This set-up link is not valid any more. Ask the server for a new one.',
}

export const registration = {
  open: () => 'Everyone, at once',
  openText: () => 'A new account works straight away, with read access to what is shared.',
  approval: () => 'Everyone, after approval',
  approvalText: () => 'A new account waits until an administrator approves it.',
  closed: () => 'Nobody',
  closedText: () => 'No new accounts, and no invitations.',
  invitation: () => 'Who is invited',
  invitationText: () => 'Administrators make invitations; nobody else can make an account.',
  domains: () => 'By mail domain, after approval',
  domainsText: () => 'Who gives a mail address of the listed domains can register, and waits until an administrator approves. Where a provider has verified the address, nobody waits.',
  domainsLabel: () => 'Mail domains',
  domainsHint: () => 'For example: example.org example.com',
}

export const invitation = {
  title: () => 'You are invited',
  text: (at: string) => `Choose a password to come in. The invitation counts until ${dateTime(at)}.`,
  named: (name: string) => `Your name here is ${name}.`,
  refused: () => 'This invitation is not valid',
  refusedText: () => 'It may have been used, revoked, or be too old. Ask whoever invited you for another.',
  noToken: () => 'This link is not complete',
  done: () => 'Welcome',
  doneText: () => 'Your account is made. Sign in with the password that you chose.',
}

export const newPassword = {
  title: () => 'Set a new password',
  text: () => 'All your sessions end when you set it.',
  label: () => 'New password',
  hint: () => 'At least 15 characters, or 8 where two-step sign-in is on. A few words that only you would put together are best.',
  submit: () => 'Set the password',
  noToken: () => 'This link is not complete',
  noTokenText: () => 'Open the whole link as it was given to you.',
  done: () => 'The password is set',
  doneText: () => 'Sign in with it.',
}
