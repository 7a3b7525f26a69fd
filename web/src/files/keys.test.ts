import { expect, test } from 'vitest'
import { commandFor, isByLetter, typeAhead, type GridCommand } from './keys'

const standing = { at: 5, rows: 20, page: 8 }

function press(keys: string): GridCommand | undefined {
  const parts = keys.split('+')
  const has = (name: string): boolean => parts.includes(name)
  const key = parts.at(-1) ?? ''
  const event = { key, ctrlKey: has('Ctrl'), metaKey: has('Meta'), shiftKey: has('Shift'), altKey: has('Alt') }
  return commandFor(event, standing)
}

test.each<[string, GridCommand | undefined]>([
  ['ArrowDown', { kind: 'move', to: 6, how: 'only' }],
  ['ArrowUp', { kind: 'move', to: 4, how: 'only' }],
  ['Shift+ArrowDown', { kind: 'move', to: 6, how: 'range' }],
  ['Ctrl+ArrowDown', { kind: 'move', to: 6, how: 'focus' }],
  ['Home', { kind: 'move', to: 0, how: 'only' }],
  ['End', { kind: 'move', to: 19, how: 'only' }],
  ['Shift+End', { kind: 'move', to: 19, how: 'range' }],
  ['PageDown', { kind: 'move', to: 13, how: 'only' }],
  ['PageUp', { kind: 'move', to: 0, how: 'only' }],
  ['Ctrl+a', { kind: 'all' }],
  ['Meta+a', { kind: 'all' }],
  ['Ctrl+c', { kind: 'copy' }],
  ['Meta+x', { kind: 'cut' }],
  ['Ctrl+v', undefined],
  ['Ctrl+Shift+c', undefined],
  ['F2', { kind: 'rename' }],
  [' ', { kind: 'toggle' }],
  ['Enter', { kind: 'open' }],
  ['Escape', { kind: 'none' }],
  ['Backspace', { kind: 'parent' }],
  ['Alt+ArrowUp', { kind: 'parent' }],
  ['Alt+ArrowDown', undefined],
  ['Delete', { kind: 'remove' }],
  ['/', { kind: 'filter' }],
  ['Shift+?', { kind: 'help' }],
  ['Shift+F10', { kind: 'menu' }],
  ['ContextMenu', { kind: 'menu' }],
  ['F10', undefined],
  ['q', { kind: 'type', letter: 'q' }],
  ['🦀', { kind: 'type', letter: '🦀' }],
  ['Tab', undefined],
  ['F5', undefined],
])('%s', (keys, command) => {
  expect(press(keys)).toEqual(command)
})

test('letters and signs can be told from other keys, so that they can be switched off', () => {
  expect(['q', '/', 'Shift+?'].map((keys) => isByLetter(press(keys) ?? { kind: 'all' }))).toEqual([true, true, true])
  for (const keys of ['Delete', 'Enter', ' ', 'Home', 'Ctrl+a', 'Shift+F10']) {
    expect(isByLetter(press(keys) ?? { kind: 'help' }), keys).toBe(false)
  }
})

test('nothing moves in an empty folder', () => {
  const event = { key: 'End', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false }
  expect(commandFor(event, { at: -1, rows: 0, page: 8 })).toBeUndefined()
})

test('typing finds the next name, goes around, and a longer word stays where it fits', () => {
  const names = ['alpha', 'beta', 'bravo', 'gamma']
  expect(typeAhead(names, 'b', 0)).toBe(1)
  expect(typeAhead(names, 'b', 1)).toBe(2)
  expect(typeAhead(names, 'b', 2)).toBe(1)
  expect(typeAhead(names, 'br', 1)).toBe(2)
  expect(typeAhead(names, 'be', 1)).toBe(1)
  expect(typeAhead(names, 'z', 1)).toBeUndefined()
})
