/** English: how the house stands. */

export const posture = {
  text: () => 'Whether buckets, roles, people and the installation are as they should be. What could not be found out never counts as well.',
  failed: () => 'How the house stands could not be read',
  checkNow: () => 'Check now',
  checked: () => 'Checked.',
  checkedAt: (at: string) => `Last checked ${at}.`,
  every: (minutes: number) => (minutes === 0 ? 'It is checked only when somebody asks.' : `It is checked again every ${minutes} minutes.`),
  never: () => 'Nobody has checked yet',
  neverText: () => 'Check now, or wait: the server does it by itself.',
  sum: (fails: number, unknown: number) => {
    const failing = fails === 0 ? 'Nothing fails' : fails === 1 ? 'One check fails' : `${fails} checks fail`
    return unknown === 0 ? `${failing}.` : `${failing}, and ${unknown === 1 ? 'one is' : `${unknown} are`} not known.`
  },
  state: (state: 'holds' | 'fails' | 'accepted' | 'unknown' | 'not-here') => ({ holds: 'Holds', fails: 'Fails', accepted: 'Accepted', unknown: 'Not known', 'not-here': 'Not here' })[state],
  area: (area: 'bucket' | 'roles' | 'people' | 'house') => ({ bucket: 'Buckets', roles: 'Roles and policies', people: 'People', house: 'Installation' })[area],
  standards: () => 'Standards',
  likewise: (id: string) => `as ${id}`,
  accepted: (until: string, reason: string) => `Accepted until ${until}: ${reason}`,
  over: (until: string, reason: string) => `Was accepted until ${until}: ${reason}`,
  fix: () => 'What to do',
  open: () => 'Open the page',
  command: (check: string) => `Command for ${check}`,
  asOf: (at: string) => `As of ${at}.`,
  only: () => 'Only what fails or is not known',
}
