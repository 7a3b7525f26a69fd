import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { GridRow } from './GridRow'

const nothing = (): void => undefined

test.each([
  ['', '(no name)'],
  ['..', '..'],
])('a folder called %o says what it is, and why it cannot be opened', (name, shown) => {
  const markup = renderToStaticMarkup(<GridRow place="home/" entry={{ kind: 'folder', name }} columns={[]} index={0} top={0} active={false} selected={false} onSelect={nothing} onOpen={nothing} />)
  expect(markup).toContain(`>${shown}<`)
  expect(markup).toContain('Another tool made this')
})
