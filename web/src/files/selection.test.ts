import { expect, test } from 'vitest'
import { nothing, select, type Selection, type SelectionStep } from './selection'

const keys = ['a/', 'b/', 'c', 'd', 'e']

function after(...steps: SelectionStep[]): Selection {
  return steps.reduce((now, step) => select(now, step, keys), nothing)
}

function check(steps: SelectionStep[], selected: string[], active: string | undefined): void {
  const now = after(...steps)
  expect([[...now.selected].sort(), now.active]).toEqual([selected, active])
}

test('a click selects one, a second click another', () => {
  check([{ kind: 'only', key: 'c' }, { kind: 'only', key: 'd' }], ['d'], 'd')
})

test('Ctrl adds and takes away', () => {
  check([{ kind: 'only', key: 'c' }, { kind: 'toggle', key: 'e' }], ['c', 'e'], 'e')
  check([{ kind: 'only', key: 'c' }, { kind: 'toggle', key: 'c' }], [], 'c')
})

test('Shift spans from the anchor in both directions, and a second span replaces the first', () => {
  check([{ kind: 'only', key: 'c' }, { kind: 'range', key: 'e' }], ['c', 'd', 'e'], 'e')
  check([{ kind: 'only', key: 'c' }, { kind: 'range', key: 'e' }, { kind: 'range', key: 'a/' }], ['a/', 'b/', 'c'], 'a/')
})

test('all, none, and focus without selection', () => {
  check([{ kind: 'all' }], [...keys].sort(), undefined)
  check([{ kind: 'only', key: 'c' }, { kind: 'none' }], [], 'c')
  check([{ kind: 'only', key: 'c' }, { kind: 'focus', key: 'd' }], ['c'], 'd')
})

test('rows that went away are not selected any more', () => {
  check([{ kind: 'all' }, { kind: 'keep', keys: new Set(['c']) }], ['c'], undefined)
})
