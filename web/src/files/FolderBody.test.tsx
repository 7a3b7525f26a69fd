import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { ApiProblem } from '../api/problem'
import type { Location } from '../api/types'
import { NoRows } from './FolderBody'

const allowed = { allowed: true, explanation: { decision: 'allowed' as const, action: '', principal: '', resource: '', role: 'R', message: '' } }
const location: Location = { id: 'home', title: 'Home', bucket: 'b', prefix: 'home/', role: 'R', by: { kind: 'everyone' }, until: null, may: { list: allowed, get: allowed, put: allowed, delete: allowed } }
const broken = new ApiProblem({ status: 0, code: 'unreachable', title: '', detail: undefined, field: undefined, explanation: undefined, existing: undefined })
const nothing = (): void => undefined
const listing = (complete: boolean) => ({ entries: [{ kind: 'folder' as const, name: 'a' }], pending: [], may: undefined, complete })

function shown(complete: boolean, error: Error | null): string {
  return renderToStaticMarkup(<NoRows location={location} folder="" listing={listing(complete)} error={error} filter="zebra" onRetry={nothing} onClearFilter={nothing} />)
}

test('a filter that finds nothing in half a list says so, and waits only while more comes', () => {
  expect(shown(false, null)).toContain('Loading')
  expect(shown(false, broken)).toContain('zebra')
  expect(shown(false, broken)).not.toContain('Loading')
  expect(shown(true, null)).toContain('zebra')
})

test('whoever may not see what is in a folder can ask for it there', () => {
  const explanation = { ...allowed.explanation, decision: 'implicit-deny' as const, action: 's3:ListBucket', resource: 'arn:aws:s3:::b', role: 'UploadRole', policy_type: null, policy: null, statement: null, near_miss: null }
  const refused = new ApiProblem({ status: 403, code: 'access-denied', title: '', detail: undefined, field: undefined, explanation, existing: undefined })
  const markup = renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <NoRows location={location} folder="" listing={undefined} error={refused} filter="" onRetry={nothing} onClearFilter={nothing} />
    </QueryClientProvider>,
  )
  expect(markup).toContain('Ask for access')
  expect(markup).toContain('UploadRole does not allow s3:ListBucket on b.')
})
