import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { GridRow } from './GridRow'

const nothing = (): void => undefined
const moves = { renaming: undefined, onRename: nothing, onDrag: nothing, onDrop: nothing }

test.each([
  ['', '(no name)'],
  ['..', '..'],
])('a folder called %o says what it is, and why it cannot be opened', (name, shown) => {
  const markup = renderToStaticMarkup(<GridRow place="home/" entry={{ kind: 'folder', name }} columns={[]} index={0} top={0} active={false} selected={false} onSelect={nothing} onOpen={nothing} moves={moves} />)
  expect(markup).toContain(`>${shown}<`)
  expect(markup).toContain('Another tool made this')
})
