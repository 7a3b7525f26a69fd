/** The page's own part, in plain elements: a field for files, a line for each, and what was sent. Text is only ever text. */
import type { UploadEngine } from '../upload/engine'
import { nameOf, type UploadItem } from '../upload/items'
import { isHopeless, lineOf, percentOf, sizeOf } from './lines'
import type { Words } from './words'

/** There is one folder, and it has no name here. */
const HERE = ''

export interface Places {
  send: HTMLElement
  sent: HTMLElement
}

interface Row {
  line: HTMLElement
  bar: HTMLProgressElement
  said: HTMLElement
  again: HTMLButtonElement
  cancel: HTMLButtonElement
  item: UploadItem
}

export class View {
  private readonly engine: UploadEngine
  private readonly words: Words
  private readonly language: string
  private readonly places: Places
  private readonly rows = new Map<string, Row>()
  private readonly list = element('ul', 'entries')
  private readonly status = element('p', 'soft')

  constructor(engine: UploadEngine, words: Words, language: string, places: Places) {
    this.engine = engine
    this.words = words
    this.language = language
    this.places = places
    this.status.setAttribute('role', 'status')
    this.list.setAttribute('aria-label', words.list)
    this.list.hidden = true
    places.send.append(this.field(places.send.dataset['kinds'] ?? ''), this.list, this.status)
    engine.subscribe(() => this.show(engine.getSnapshot()))
  }

  private field(kinds: string): HTMLElement {
    const drop = element('div', 'drop')
    const label = element('label', 'pick', this.words.choose)
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.accept = kinds
    input.addEventListener('change', () => {
      this.add([...(input.files ?? [])])
      input.value = ''
    })
    label.append(input)
    drop.append(label, element('p', 'soft', this.words.drop))
    drop.addEventListener('dragover', (event) => {
      event.preventDefault()
      drop.classList.add('over')
    })
    drop.addEventListener('dragleave', () => drop.classList.remove('over'))
    drop.addEventListener('drop', (event) => {
      event.preventDefault()
      drop.classList.remove('over')
      this.add([...(event.dataTransfer?.files ?? [])])
    })
    return drop
  }

  private add(files: File[]): void {
    this.engine.add(HERE, '', files.map((file) => ({ file, path: file.name })))
  }

  private show(items: readonly UploadItem[]): void {
    const shown = new Set(items.map(({ key }) => key))
    for (const [key, { line }] of this.rows) if (!shown.has(key)) this.drop(key, line)
    for (const item of items) this.showOne(item)
    this.list.hidden = this.rows.size === 0
  }

  private showOne(item: UploadItem): void {
    const row = this.rows.get(item.key)
    if (row?.item === item) return
    if (item.state.kind === 'done') return this.arrived(item, row)
    const kept = row ?? this.newRow(item)
    kept.item = item
    kept.bar.value = percentOf(item)
    kept.bar.hidden = item.state.kind === 'failed' || item.state.kind === 'needs-file'
    const line = lineOf(item, this.words)
    if (kept.said.textContent !== line) kept.said.textContent = line
    kept.said.className = item.state.kind === 'failed' ? 'bad' : 'soft'
    const hopeless = isHopeless(item)
    kept.again.hidden = hopeless || (item.state.kind !== 'failed' && item.state.kind !== 'paused')
    this.call(kept.cancel, hopeless ? this.words.remove : this.words.cancel, nameOf(item.path))
  }

  private newRow(item: UploadItem): Row {
    const name = nameOf(item.path)
    const line = element('li')
    const bar = document.createElement('progress')
    bar.max = 100
    bar.setAttribute('aria-label', name)
    const said = element('span', 'soft')
    const again = this.button(this.words.retry, name, () => this.engine.resume(item.key))
    const cancel = this.button(this.words.cancel, name, () => void this.engine.cancel(item.key))
    line.append(named(name), bar, said, again, cancel)
    this.list.append(line)
    const row = { line, bar, said, again, cancel, item }
    this.rows.set(item.key, row)
    return row
  }

  private button(action: string, name: string, pressed: () => void): HTMLButtonElement {
    const button = document.createElement('button')
    button.type = 'button'
    this.call(button, action, name)
    button.addEventListener('click', pressed)
    return button
  }

  private call(button: HTMLButtonElement, action: string, name: string): void {
    if (button.textContent === action) return
    button.textContent = action
    button.setAttribute('aria-label', this.words.of(action, name))
  }

  /** What was sent stands below, as the server writes it when the page is loaded anew. */
  private arrived(item: UploadItem, row: Row | undefined): void {
    if (row !== undefined) this.drop(item.key, row.line)
    const name = nameOf(item.path)
    const line = element('li')
    line.append(named(name), element('span', 'soft', sizeOf(item.size, this.language)))
    this.places.sent.querySelector('ul')?.append(line)
    this.places.sent.hidden = false
    this.status.textContent = this.words.arrived(name)
    queueMicrotask(() => this.engine.clearFinished())
  }

  private drop(key: string, line: HTMLElement): void {
    line.remove()
    this.rows.delete(key)
  }
}

function named(name: string): HTMLElement {
  const span = element('span', 'name')
  const text = document.createElement('bdi')
  // What has no shape, or turns the direction of reading, is shown as a mark.
  text.textContent = name.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')
  span.append(text)
  return span
}

function element(name: string, className = '', text = ''): HTMLElement {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}
