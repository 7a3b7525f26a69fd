import { beforeEach, expect, test, vi } from 'vitest'
import { keepFor } from '../ui/kept'
import { favourites, noteVisit, recent, toggleFavourite } from './places'

let storage: Map<string, string>

beforeEach(() => {
  storage = new Map()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => void storage.set(key, value),
  })
  keepFor(undefined)
  keepFor('ada')
})

test('the last eight folders are known, the newest first, each once', () => {
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 3]) noteVisit({ location: 'home', folder: `${n}/` })
  noteVisit({ location: 'home', folder: '' })
  expect(recent.get().map((place) => place.folder)).toEqual(['3/', '9/', '8/', '7/', '6/', '5/', '4/', '2/'])
})

test('a folder is marked and unmarked, and only names are written down', () => {
  const place = { location: 'home', folder: 'letters/', etag: 'secret' }
  toggleFavourite(place)
  expect(storage.get('ada:favourites')).toBe('[{"location":"home","folder":"letters/"}]')
  toggleFavourite(place)
  expect(favourites.get()).toEqual([])
})

test('what lies in storage and is no list of folders is not believed', () => {
  storage.set('ada:recent', '[{"location":1},null,"x",{"location":"home","folder":"a/"}]')
  recent.forget()
  expect(recent.get()).toEqual([{ location: 'home', folder: 'a/' }])
})
