/** Starts workers. They are given by address, which the page's policy wants wherever `Worker` takes a string. */

interface ScriptUrlPolicy {
  /** Gives a `TrustedScriptURL`. */
  createScriptURL(url: string): string
}

declare global {
  interface Window {
    readonly trustedTypes?: {
      createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptUrlPolicy
    }
  }
}

let policy: ScriptUrlPolicy | undefined

/** A worker of our own origin. */
export function startWorker(url: string): Worker {
  const rules = { createScriptURL: ownOrigin }
  policy ??= window.trustedTypes?.createPolicy('app-worker', rules) ?? rules
  return new Worker(policy.createScriptURL(url), { type: 'module' })
}

function ownOrigin(url: string): string {
  const absolute = new URL(url, location.href)
  if (absolute.origin !== location.origin) throw new TypeError(`${absolute.origin} is not our own`)
  return absolute.href
}
