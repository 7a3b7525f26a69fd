import { expect, test } from 'vitest'
import { crumbs, folderFromAddress, isBadName, parentOf } from './paths'

test.each([
  [undefined, ''],
  ['', ''],
  ['a', 'a/'],
  ['a/b', 'a/b/'],
  ['a/b/', 'a/b/'],
])('the address %o is the folder %o', (address, folder) => {
  expect(folderFromAddress(address)).toBe(folder)
})

test('the parent of the location is outside', () => {
  expect(parentOf('')).toBeUndefined()
  expect(parentOf('a/')).toBe('')
  expect(parentOf('a/b/')).toBe('a/')
})

test('crumbs name every folder on the way', () => {
  expect(crumbs('a/b c/')).toEqual([
    { name: 'a', folder: 'a/' },
    { name: 'b c', folder: 'a/b c/' },
  ])
})

test.each(['', ' ', '.', '..', 'a/b', 'a\\b', 'a\u0000', 'a\nb'])('%o is no name', (name) => {
  expect(isBadName(name)).toBe(true)
})
