import { expect, test } from 'vitest'
import { parseProblem } from './problem'

test('a problem keeps its code, its field and its explanation', () => {
  const explanation = { decision: 'implicit-deny', principal: 'p', action: 's3:PutObject', resource: 'r', role: 'RegularUserRole', message: 'no' }
  const problem = parseProblem(403, { code: 'access-denied', title: 'Denied', field: 'path', explanation })
  expect(problem.facts).toMatchObject({ status: 403, code: 'access-denied', field: 'path', explanation })
})

test.each([undefined, null, 'text', 5, [], { code: 5, explanation: 'x', existing: { size: 'big' } }])(
  'an answer that is no problem document, %o, becomes one that guesses nothing',
  (body) => {
    const { facts } = parseProblem(502, body)
    expect(facts).toEqual({ status: 502, code: 'http-502', title: 'HTTP 502', detail: undefined, field: undefined, explanation: undefined, existing: undefined })
  },
)
