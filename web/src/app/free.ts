/** What a folder's listing, as it is known now, says of names: whether nothing is there yet. */
import { listingQuery } from '../api/files'
import { queries } from './queries'

/** Only of a whole listing; of what lies deeper nothing is known but that its folder is not there. */
export function freeIn(location: string, folder: string): (path: string) => boolean {
  const listing = queries.getQueryData(listingQuery(location, folder).queryKey)
  if (listing?.complete !== true) return () => false
  const names = new Set(listing.entries.map((entry) => entry.name))
  return (path) => !names.has(path.split('/', 1)[0] ?? path)
}
