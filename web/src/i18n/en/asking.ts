/** English: asking for access, and deciding. */

export const asking = {
  ask: () => 'Ask for access',
  title: () => 'Ask for access',
  text: (action: string, path: string) => `Administrators are asked to let you ${action} in “${path}”. They see the smallest role that allows it.`,
  action: (name: string) => ACTIONS[name] ?? name,
  note: () => 'Why you need it',
  noteHint: () => 'For whoever decides; they see your name anyway.',
  send: () => 'Ask',
  sent: () => 'Asked. You will see here what is decided.',
  own: () => 'What you asked for',
  open: () => 'Waiting',
  given: () => 'Given',
  declined: () => 'Declined',
  decision: () => 'Decision',
  place: () => 'Place',
  wanted: () => 'Wanted',
}

const ACTIONS: Readonly<Record<string, string>> = {
  's3:ListBucket': 'see what is there',
  's3:GetObject': 'read files',
  's3:PutObject': 'write files',
  's3:DeleteObject': 'delete files',
}
