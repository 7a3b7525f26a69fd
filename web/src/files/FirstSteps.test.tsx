// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { allGrantsQuery, invitationsQuery, peopleQuery } from '../api/admin'
import { mailQuery } from '../api/mail'
import type { Session } from '../api/types'
import { keepFor } from '../ui/kept'
import { FirstSteps } from './FirstSteps'

afterEach(cleanup)

const ada = { uid: 'u1', name: 'ada', administrator: true }

function show(set: boolean, mail: boolean): void {
  const session: Session = Object.assign(Object.create(null), { person: ada, second_factor: { passkey: false, required: true, set, totp: set } })
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
  if (set) {
    client.setQueryData(mailQuery.queryKey, { set_up: mail, unsent: [] })
    client.setQueryData<unknown>(peopleQuery.queryKey, [ada])
    client.setQueryData(invitationsQuery.queryKey, [])
    client.setQueryData(allGrantsQuery.queryKey, [])
  }
  const router = createRouter({ routeTree: createRootRoute({ component: () => <FirstSteps session={session} /> }), history: createMemoryHistory() })
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  )
}

test('the first steps say what is done, and stay away once they are put away', async () => {
  keepFor('u1')
  show(true, true)
  await screen.findByText('First steps of an administrator')
  expect(screen.getAllByLabelText('Done')).toHaveLength(2)
  expect(screen.getAllByLabelText('Still to do')).toHaveLength(2)
  fireEvent.click(screen.getByText('Do not show this any more'))
  expect(screen.queryByText('First steps of an administrator')).toBeNull()
  cleanup()
  show(true, false)
  await new Promise((done) => setTimeout(done, 50))
  expect(screen.queryByText('First steps of an administrator')).toBeNull()
})

test('without a second factor nothing is asked for, and that step stands open', async () => {
  keepFor('u2')
  show(false, false)
  await screen.findByText('First steps of an administrator')
  expect(screen.getAllByLabelText('Still to do')).toHaveLength(4)
})
