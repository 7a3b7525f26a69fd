import { expect, test } from 'vitest'
import { guarded, hasHiddenCharacters, visibleName } from './visible'

test('a name that pretends is shown as it is', () => {
  expect(hasHiddenCharacters('photo\u202Egpj.exe')).toBe(true)
  expect(visibleName('photo\u202Egpj.exe')).toBe('photo⟨U+202E⟩gpj.exe')
  expect(hasHiddenCharacters('Zoë – 图片.png')).toBe(false)
})

test('a guarded message shows what it is given, and stays what it is', () => {
  const messages = guarded({ group: { of: (n: number, name: string) => `${n + 1} ${name}`, list: { a: () => 'a' } } })
  expect(messages.group.of(1, 'a\u200Bb')).toBe('2 a⟨U+200B⟩b')
  expect(messages.group.list.a()).toBe('a')
  expect(messages.group).toBe(messages.group)
  expect(messages.group.of.length).toBe(2)
})
