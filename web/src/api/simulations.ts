/** How a request would be decided, that nobody makes. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { SimulationForm } from './types'

export function simulationQuery(form: SimulationForm | undefined) {
  return queryOptions({
    queryKey: ['simulation', form],
    queryFn: ({ signal }) => {
      if (form === undefined) throw new Error('nothing is asked')
      return take(client.POST('/api/v1/simulations', { body: form, signal }))
    },
    enabled: form !== undefined,
    // A decision is worth what policies and grants are now.
    staleTime: 0,
  })
}
