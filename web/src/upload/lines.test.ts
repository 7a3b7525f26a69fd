import { expect, test } from 'vitest'
import { ApiProblem } from '../api/problem'
import { isRefusal } from './lines'
import { TransferError } from './transfer'

test('a refusal by a role is what one can ask about', () => {
  const explanation = { decision: 'implicit-deny' as const, principal: '', action: 's3:PutObject', resource: '', policy_type: null, policy: null, statement: null, role: 'R', message: '', near_miss: null }
  const problem = (of: typeof explanation | undefined) => new ApiProblem({ status: 403, code: 'x', title: '', detail: undefined, field: undefined, explanation: of, existing: undefined })
  expect(isRefusal(problem(explanation))).toBe(true)
  expect([problem(undefined), new TransferError(403), new Error('x')].map(isRefusal)).toEqual([false, false, false])
})
