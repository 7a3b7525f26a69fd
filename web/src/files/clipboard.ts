/** What was cut or copied in this tab: paths in a location, never contents. */
export interface Clip {
  kind: 'move' | 'copy'
  location: string
  folder: string
  keys: readonly string[]
}

let held: Clip | undefined
const listeners = new Set<() => void>()

export function hold(clip: Clip | undefined): void {
  held = clip
  for (const listener of listeners) listener()
}

export function heldClip(): Clip | undefined {
  return held
}

export function onClip(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
