/**
 * What this browser keeps for a person until they sign out, in localStorage under their uid: how they like things to
 * look. Never contents, never credentials.
 */
let owner: string | undefined
const all = new Set<Kept<unknown>>()

/** From now on everything is read and kept for this person; `undefined` is nobody, for whom nothing is. */
export function keepFor(uid: string | undefined): void {
  if (owner === uid) return
  owner = uid
  for (const kept of all) kept.forget()
}

/** One thing that is kept. `read` makes sense of what lies in storage, which anything may have written. */
export class Kept<T> {
  private readonly name: string
  private readonly read: (raw: unknown) => T
  private readonly listeners = new Set<() => void>()
  private known: { value: T } | undefined

  constructor(name: string, read: (raw: unknown) => T) {
    this.name = name
    this.read = read
    all.add(this)
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  readonly get = (): T => {
    this.known ??= { value: this.read(stored(this.key)) }
    return this.known.value
  }

  set(value: T): void {
    this.known = { value }
    if (this.key !== undefined) store(this.key, value)
    for (const listener of this.listeners) listener()
  }

  /** Looks into storage again at the next question. */
  forget(): void {
    this.known = undefined
    for (const listener of this.listeners) listener()
  }

  /** The key in storage; none while nobody is signed in. */
  get key(): string | undefined {
    return owner === undefined ? undefined : `${owner}:${this.name}`
  }
}

function stored(key: string | undefined): unknown {
  try {
    const text = key === undefined ? null : localStorage.getItem(key)
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function store(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // A private window may refuse; then it holds until the page is left.
  }
}

/** Another tab changed something. */
export function followOtherTabs(): void {
  addEventListener('storage', (event) => {
    for (const kept of all) if (event.key === null || event.key === kept.key) kept.forget()
  })
}
