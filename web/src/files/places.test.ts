import { expect, test } from 'vitest'
import type { Location } from '../api/types'
import { named } from './places'

const right = { decision: 'allowed', principal: '', action: '', resource: '', policy_type: null, policy: null, statement: null, role: '', message: '', near_miss: null } as const
const may = { allowed: true, explanation: right }
const home: Location = { id: 'home', title: 'Home', bucket: 'b', prefix: 'home/', role: 'S3AccessRole', until: null, by: { kind: 'everyone' }, may: { list: may, get: may, put: may, delete: may } }

test('a place has its name and its way, and opens the folder that it is or that it is in', () => {
  const places = ['', 'letters/old/', 'letters/a.txt', '2026'].map((path) => ({ location: 'home', path }))
  expect(named(places, [home]).map(({ name, way, folder, select }) => [name, way, folder, select])).toEqual([
    ['Home', 'Home', '', undefined],
    ['old', 'Home / letters / old', 'letters/old/', undefined],
    ['a.txt', 'Home / letters / a.txt', 'letters/', 'a.txt'],
    ['2026', 'Home / 2026', '', '2026'],
  ])
})

test('a place in a location that the person has no more is none', () => {
  expect(named([{ location: 'gone', path: 'letters/' }], [home])).toEqual([])
})
