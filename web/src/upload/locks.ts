/** Keeps two tabs from sending the same upload. */

/** Another tab of this browser is at work on it. */
export class InAnotherTab extends Error {
  override readonly name = 'InAnotherTab'
}

export function exclusively<T>(id: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(`upload:${id}`, { ifAvailable: true }, (lock) => {
    if (lock === null) throw new InAnotherTab('another tab is sending this file')
    return work()
  })
}

/** The uploads that some tab is sending now. */
export async function heldElsewhere(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query()
  const names = held.map((lock) => lock.name ?? '')
  return new Set(names.filter((name) => name.startsWith('upload:')).map((name) => name.slice('upload:'.length)))
}
