/** Why nothing came of a sign-in by a provider, in words for whoever tried. */
import { isProblem } from '../api/problem'
import { m } from '../i18n/messages'
import { describe } from '../ui/problems'

const WORDS: Readonly<Record<string, () => string>> = {
  'provider-answer-over': () => m.providers.over(),
  'provider-declined': () => m.providers.declined(),
  'provider-unavailable': () => m.providers.unavailable(),
  'provider-mixed-up': () => m.providers.refused(),
  'provider-answer-refused': () => m.providers.refused(),
  'provider-another-person': () => m.providers.another(),
  'provider-did-not-ask': () => m.providers.notAsked(),
  'registration-closed': () => m.providers.closed(),
  'registration-by-invitation': () => m.providers.invited(),
  'registration-mail-domain': () => m.providers.domain(),
  'awaiting-approval': () => m.providers.waiting(),
  'person-disabled': () => m.door.disabled(),
  'identity-taken': () => m.providers.taken(),
  'identities-full': () => m.providers.full(),
  'last-way-in': () => m.providers.last(),
  'second-factor-needed': () => m.providers.factorNeeded(),
  throttled: () => m.door.throttled(),
}

export function providerProblem(error: unknown): string {
  const words = isProblem(error) ? WORDS[error.code] : undefined
  return words === undefined ? describe(error) : words()
}
