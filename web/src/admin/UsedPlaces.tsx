import type { PlaceUse, RoleUse } from '../api/types'
import { count, dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { Name } from '../ui/Name'

/** Each action with the folder in which it was used, by how many, how often and when last. */
export function UsedPlaces({ use: { places, places_left_out: more } }: { use: RoleUse }) {
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{ma.usage.uses()}</caption>
        <thead>
          <tr>
            <th scope="col">{ma.usage.action()}</th>
            <th scope="col">{ma.usage.place()}</th>
            <th scope="col">{ma.usage.by()}</th>
            <th scope="col">{ma.usage.requests()}</th>
            <th scope="col">{ma.usage.last()}</th>
          </tr>
        </thead>
        <tbody>
          {places.map((place) => (
            <Row key={`${place.action} ${place.bucket} ${place.folder ?? ''} ${String(place.listing)} ${String(place.folder === null)}`} place={place} />
          ))}
        </tbody>
      </table>
      {more === 0 ? null : <p className="soft">{ma.usage.more(more)}</p>}
    </>
  )
}

function Row({ place: { action, bucket, folder, listing, persons, machines, others, requests, last } }: { place: PlaceUse }) {
  const where = folder === null ? bucket : `${bucket}/${folder}`
  const by = [persons > 0 ? ma.usage.persons(persons) : '', machines > 0 ? ma.usage.machines(machines) : '', others ? ma.usage.others() : '']
  return (
    <tr>
      <th scope="row">
        <code>{action}</code>
      </th>
      <td data-label={ma.usage.place()}>
        <Name text={listing ? ma.usage.listing(where) : where} />
      </td>
      <td data-label={ma.usage.by()}>{by.filter((part) => part !== '').join(', ')}</td>
      <td data-label={ma.usage.requests()}>{count(requests)}</td>
      <td data-label={ma.usage.last()}>{dateTime(last)}</td>
    </tr>
  )
}
