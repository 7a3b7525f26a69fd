import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { rebuildSearch, searchIndexQuery } from '../api/search'
import { ma } from '../i18n/administration'
import { Button } from '../ui/Button'
import { Failure, Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

/** The index of names: how much it holds, how far it is in step, and making it anew. */
export function SearchStanding() {
  const { data, error, refetch } = useQuery(searchIndexQuery)
  const queries = useQueryClient()
  const anew = useMutation({
    mutationFn: rebuildSearch,
    onSuccess: () => {
      toast(ma.settings.searchBegun())
      return queries.invalidateQueries({ queryKey: searchIndexQuery.queryKey })
    },
  })
  return (
    <section className="section narrow" aria-labelledby="search-standing">
      <h2 id="search-standing">{ma.settings.search()}</h2>
      <p className="soft">{ma.settings.searchText()}</p>
      {error ? <Failure title={ma.settings.searchFailed()} error={error} onRetry={() => void refetch()} /> : null}
      {anew.error ? <Notice tone="bad">{describe(anew.error)}</Notice> : null}
      {data === undefined ? null : <p>{ma.settings.searchHolds(data.names, data.complete)}</p>}
      <div>
        <Button pending={anew.isPending} onPress={() => anew.mutate()}>
          {ma.settings.searchAnew()}
        </Button>
      </div>
    </section>
  )
}
