/** English: everybody's links, and the rules for them. */

export const linking = {
  text: () => 'Links of everybody here. A link opens by the rights of whoever made it, as they are at each use.',
  failed: () => 'The links could not be loaded',
  none: () => 'Nobody shares anything by a link',
  noneText: () => 'Links that people make are listed here, and can be revoked.',
  rules: () => 'Rules',
  rulesText: () => 'They bind links that are there already, too, from their next use on.',
  enabled: () => 'There may be links',
  enabledText: () => 'Without it no link opens, whoever made it. Turned on again, those that were not revoked open again.',
  requests: () => 'There may be file requests',
  requestsText: () => 'Without it no request takes files, whoever made it.',
  password: () => 'Every link and every file request has a password',
  passwordText: () => 'Those without one stop to work.',
  daysMax: () => 'How many days a link or a file request may live',
  daysMaxHint: () => 'Counted from when it was made. Without a number: until it is revoked.',
  daysWrong: () => 'Give a whole number from 1 to 3,650.',
  rulesFailed: () => 'The rules could not be loaded',
}
