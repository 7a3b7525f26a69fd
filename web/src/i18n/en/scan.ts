/** English: the scan for malware. */

export const scan = {
  fact: () => 'Malware scan',
  held: (state: Held) => HELD[state],
  heldHint: (state: Held) => HINTS[state],
  said: (said: Said) => SAID[said],
}

type Held = 'waiting' | 'infected' | 'unscanned'
type Said = Held | 'clean' | 'released' | 'unknown'

const HELD: Readonly<Record<Held, string>> = { waiting: 'Not scanned yet', infected: 'Quarantined', unscanned: 'Not scanned' }

const HINTS: Readonly<Record<Held, string>> = {
  waiting: 'It is still to be scanned for malware.',
  infected: 'The scan for malware found something in it. Only administrators can open it.',
  unscanned: 'It could not be scanned for malware.',
}

const SAID: Readonly<Record<Said, string>> = {
  waiting: 'Not scanned yet',
  clean: 'Nothing found',
  infected: 'Something was found',
  unscanned: 'Could not be scanned',
  released: 'Released by an administrator',
  unknown: 'You may not see what was found',
}
