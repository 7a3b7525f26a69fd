/** English: deciding what people asked for. */

export const deciding = {
  pageText: () => 'What people were refused and asked for. Each is answered by the smallest role that allows it, on the folder that it is about.',
  waiting: (n: number) => (n === 1 ? '1 request waits' : `${n} requests wait`),
  failed: () => 'The requests could not be loaded',
  none: () => 'Nobody is waiting',
  noneText: () => 'Where people are refused something, they can ask for it. What they ask for is shown here.',
  who: () => 'Who',
  when: () => 'Asked',
  would: () => 'This would give',
  give: () => 'Give',
  giveTo: (role: string, name: string) => `Give ${role} to ${name}`,
  gave: (role: string, name: string) => `${name} has ${role} now.`,
  decline: () => 'Decline',
  declineTitle: (name: string) => `Decline what ${name} asked for`,
  answer: () => 'Answer',
  answerHint: (name: string) => `${name} reads it beside the request.`,
  declinedToast: () => 'Declined.',
}
