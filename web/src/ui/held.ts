/** Access keys and API tokens as lines of one table. */
import type { Key, Token } from '../api/types'
import { m } from '../i18n/messages'
import { accessOf } from './access'
import type { Held } from './HeldTable'

/** What a location is called, by its id; nothing, where it is not held any more. */
export type TitleOf = (id: string) => string | undefined

export function heldToken(token: Token, titleOf: TitleOf): Held {
  const titles = token.locations.map(titleOf).filter((title) => title !== undefined)
  const active = token.standing === 'active'
  return {
    id: token.id,
    name: token.name,
    known: undefined,
    where: titles.length === 0 ? m.keys.noLocation() : titles.join(', '),
    may: token.actions.map((action) => m.tokens.action[action]()).join(', '),
    used: token.used,
    expires: token.expires,
    over: active ? undefined : m.tokens.standing[token.standing](),
    endable: active,
  }
}

export function heldKey(key: Key, titleOf: TitleOf): Held {
  return {
    id: key.id,
    name: key.name,
    known: key.id,
    where: (key.location === null ? undefined : titleOf(key.location)) ?? m.keys.noLocation(),
    may: m.keys.access[accessOf(key.actions)](),
    used: key.used,
    expires: key.expires,
    over: key.standing === 'active' ? undefined : m.keys.standing[key.standing](),
    endable: key.standing !== 'revoked' && key.standing !== 'expired',
  }
}

/** By the titles of these locations or grants. */
export function titled(places: readonly { id: string; title: string }[]): TitleOf {
  return (id) => places.find((place) => place.id === id)?.title
}
