// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { keepDropsHere } from './drops'

function dragged(kind: string, types: readonly string[]): DragEvent {
  const event = new DragEvent(kind, { bubbles: true, cancelable: true })
  Object.defineProperty(event, 'dataTransfer', { value: { types, dropEffect: 'copy' } })
  return event
}

test('files that nobody takes do not make the browser leave', () => {
  keepDropsHere(window)
  for (const kind of ['dragover', 'drop']) {
    const files = dragged(kind, ['Files'])
    document.body.dispatchEvent(files)
    expect([files.defaultPrevented, files.dataTransfer?.dropEffect]).toEqual([true, 'none'])
    const text = dragged(kind, ['text/plain'])
    document.body.dispatchEvent(text)
    expect(text.defaultPrevented).toBe(false)
  }
})

test('where they are taken, the drop is left to whoever takes it', () => {
  keepDropsHere(window)
  const target = document.createElement('div')
  document.body.append(target)
  target.addEventListener('dragover', (event) => event.preventDefault())
  const files = dragged('dragover', ['Files'])
  target.dispatchEvent(files)
  expect(files.dataTransfer?.dropEffect).toBe('copy')
})
