import { expect, test } from 'vitest'
import { ApiProblem, parseProblem } from '../api/problem'
import { onStepUp, withProof } from './step-up'

const needed = (): ApiProblem => parseProblem(403, { code: 'step-up-needed', title: 'Forbidden' })

const forbidden = (): Promise<string> => Promise.reject(parseProblem(403, { code: 'not-administrator' }))

/** Refused until somebody proves who they are. */
function wish() {
  const state = { proved: false, tries: 0 }
  const run = async (): Promise<string> => {
    state.tries += 1
    if (!state.proved) throw needed()
    return 'done'
  }
  return { state, run }
}

test('what was refused for want of a proof is asked for again after it, and once for two wishes', async () => {
  const { state, run } = wish()
  let asked = 0
  const stop = onStepUp((now) => {
    if (now === undefined) return
    asked += 1
    setTimeout(() => {
      state.proved = true
      now.proved()
    })
  })
  expect(await Promise.all([withProof(run), withProof(run)])).toEqual(['done', 'done'])
  expect([asked, state.tries]).toEqual([1, 4])
  stop()
})

test('who leaves the dialog gets the refusal, and so does everything else', async () => {
  const { state, run } = wish()
  const stop = onStepUp((now) => now?.left())
  await expect(withProof(run)).rejects.toThrow(ApiProblem)
  expect(state.tries).toBe(1)
  await expect(withProof(forbidden)).rejects.toThrow('HTTP 403')
  stop()
  await expect(withProof(run), 'nobody can be asked').rejects.toThrow(ApiProblem)
})
