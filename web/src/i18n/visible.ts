/**
 * Text that people or other tools chose, made to look like what it is. A name may hold characters that reverse or hide
 * others: `photo\u202Egpj.exe` would be read as `photoexe.jpg`.
 *
 * Invariant: no message shows such a character of what it is given, since all messages in use are `guarded`.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Characters that make a name look like another: bidirectional controls, zero-width and invisible ones. */
export function hasHiddenCharacters(name: string): boolean {
  return name.search(HIDDEN) >= 0
}

/** The name with each hidden character made visible as its code point. */
export function visibleName(name: string): string {
  return name.replace(HIDDEN, (c) => `⟨U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`)
}

/** The same messages; each shows what it is given with its hidden characters spelt out. */
export function guarded<T extends object>(messages: T): T {
  const known = new WeakMap<object, object>()
  return new Proxy(messages, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'object' && typeof value !== 'function') return value
      if (value === null) return value
      const before = known.get(value)
      if (before !== undefined) return before
      const made = guarded(value)
      known.set(value, made)
      return made
    },
    apply: (target, self, given: unknown[]) =>
      typeof target === 'function' ? Reflect.apply(target, self, given.map((one) => (typeof one === 'string' ? visibleName(one) : one))) : undefined,
  })
}
