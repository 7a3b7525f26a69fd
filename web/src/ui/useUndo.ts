import { useQueryClient, type QueryKey } from '@tanstack/react-query'
import { describe } from './problems'
import { withProof } from './step-up'
import { toast } from './toasts'

/** Says what was done, with a way to take it back; says then what is there again. */
export function useUndo(keys: readonly QueryKey[]): (done: string, back: () => Promise<unknown>, restored: string) => void {
  const queries = useQueryClient()
  const restore = async (back: () => Promise<unknown>, restored: string): Promise<void> => {
    try {
      await withProof(back)
      toast(restored)
    } catch (error) {
      toast(describe(error))
    }
    await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })))
  }
  return (done, back, restored) => toast(done, () => void restore(back, restored))
}
