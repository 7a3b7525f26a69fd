/** Files dropped beside the place that takes them would be opened by the browser, and the page left with all that it does. */
export function keepDropsHere(on: EventTarget = globalThis): void {
  on.addEventListener('dragover', refuse)
  on.addEventListener('drop', refuse)
}

function refuse(event: Event): void {
  if (!(event instanceof DragEvent) || event.defaultPrevented || !isOfFiles(event) || isEditable(event.target)) return
  event.preventDefault()
  if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'none'
}

function isOfFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true
}

/** The editor of texts takes a file that is dropped into it. */
function isEditable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[contenteditable=true]') !== null
}
