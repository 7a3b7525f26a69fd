/** Whoever is asked for a fresh proof proves it in a dialog, and what they wanted is asked for again. */
import { isProblem } from '../api/problem'

interface Asked {
  proved: () => void
  left: () => void
}

type Listener = (asked: Asked | undefined) => void

let listener: Listener | undefined
let asked: Promise<boolean> | undefined

/** The dialog listens here; there is one. */
export function onStepUp(next: Listener): () => void {
  listener = next
  return () => {
    listener = undefined
  }
}

/** Does it; where the server asks for a proof first, asks the person and does it once more. */
export async function withProof<T>(wish: () => Promise<T>): Promise<T> {
  try {
    return await wish()
  } catch (error) {
    if (!isProblem(error, 'step-up-needed') || listener === undefined) throw error
    if (!(await ask(listener))) throw error
    return wish()
  }
}

/** Two wishes at once are answered by one proof. */
function ask(tell: Listener): Promise<boolean> {
  asked ??= new Promise<boolean>((settle) => {
    const done = (proved: boolean) => () => {
      asked = undefined
      tell(undefined)
      settle(proved)
    }
    tell({ proved: done(true), left: done(false) })
  })
  return asked
}
