import { useSyncExternalStore } from 'react'
import type { Kept } from './kept'

export function useKept<T>(kept: Kept<T>): T {
  return useSyncExternalStore(kept.subscribe, kept.get)
}
