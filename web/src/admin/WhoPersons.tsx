import { Link } from '@tanstack/react-router'
import type { Who } from '../api/types'
import { ma } from '../i18n/administration'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'

interface Props {
  who: Who
  from: number
  onFrom: (from: number) => void
}

/** The persons who reach a place, a page of them, with what they may do and by which grants. */
export function WhoPersons({ who, from, onFrom }: Props) {
  const titles = new Map(who.grants.map(({ id, title }) => [id, title]))
  const last = from + who.persons.length
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{ma.reach.people()}</caption>
        <thead>
          <tr>
            <th scope="col">{ma.reach.person()}</th>
            <th scope="col">{ma.reach.may()}</th>
            <th scope="col">{ma.reach.byWhich()}</th>
          </tr>
        </thead>
        <tbody>
          {who.persons.map(({ uid, name, actions, by }) => (
            <tr key={uid}>
              <th scope="row">
                <Link to="/people/$uid/reach" params={{ uid }}>
                  <Name text={name} />
                </Link>
              </th>
              <td data-label={ma.reach.may()}>
                {actions.map(({ action, extent }, n) => (
                  <span key={action}>
                    {n > 0 ? ', ' : null}
                    <code>{action.replace('s3:', '')}</code>
                    {extent === 'everywhere' ? null : <small className="soft"> {ma.reach.extent[extent]()}</small>}
                  </span>
                ))}
              </td>
              <td data-label={ma.reach.byWhich()}>
                <Name text={by.map((id) => titles.get(id) ?? id).join(', ')} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft">{ma.reach.shown(who.persons.length === 0 ? 0 : from + 1, last, who.persons_found)}</p>
      <div className="ask-end">
        {from > 0 ? <Button onPress={() => onFrom(Math.max(0, from - PAGE))}>{ma.reach.before()}</Button> : null}
        {last < who.persons_found ? <Button onPress={() => onFrom(last)}>{ma.reach.after()}</Button> : null}
      </div>
    </>
  )
}

/** As many as the server names at once. */
const PAGE = 100
