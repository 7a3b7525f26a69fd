/** English: what an administrator does first. */

export const steps = {
  title: () => 'First steps of an administrator',
  factor: () => 'Protect your own sign-in with a second step or a passkey',
  mail: () => 'Set up mail, so that links reach those they are for',
  person: () => 'Invite somebody',
  grant: () => 'Give the first access to a folder',
  backup: () => 'And have the house copied: the command “wellhouse backup” does it while people work.',
  done: () => 'Done',
  open: () => 'Still to do',
  dismiss: () => 'Do not show this any more',
}
