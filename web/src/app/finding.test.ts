import { expect, test } from 'vitest'
import { found } from './finding'

const items = ['New folder', 'Download', 'Folder of letters', 'Account', 'letters'].map((label) => ({ label }))

function check(text: string, labels: string[]): void {
  expect(found(items, text, 3).map(({ label }) => label)).toEqual(labels)
}

test('what begins with the text comes first, and every word must be there', () => {
  check('folder', ['Folder of letters', 'New folder'])
  check('LETTERS folder', ['Folder of letters'])
  check('nothing like it', [])
})

test('without a text the first are shown', () => {
  check('  ', ['New folder', 'Download', 'Folder of letters'])
})

test('the way to a folder finds it too', () => {
  expect(found([{ label: '2026', more: 'Home / invoices / 2026' }], 'invoices', 3)).toHaveLength(1)
})
