/**
 * Text and code in CodeMirror, to be read or edited.
 *
 * It lives in a shadow root: only there does CodeMirror set its styles as constructed sheets, which the page's policy
 * (`style-src 'self'`) allows; in the page itself it would write a `<style>` element.
 */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { codeLook } from '../ui/code'
import type { Language } from './kinds'
import { grammarOf } from './languages'
import { lineEndOf } from './text'

interface Props {
  label: string
  name: string
  /** As it is at first; what is typed later is told by `onChange`. */
  content: string
  language: Language | undefined
  onChange?: ((content: string) => void) | undefined
}

export function CodeView({ label, name, content, language, onChange }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const changed = useRef(onChange)
  const first = useRef(content)
  const editable = onChange !== undefined
  useEffect(() => {
    changed.current = onChange
  }, [onChange])

  useEffect(() => {
    const host = place.current
    if (host === null) return undefined
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true })
    const grammar = new Compartment()
    const mode = editable ? editing((text) => changed.current?.(text)) : EditorState.readOnly.of(true)
    const view = new EditorView({
      doc: first.current,
      root,
      parent: root,
      extensions: [...common(label, first.current), grammar.of([]), mode],
    })
    if (editable) view.focus()
    let gone = false
    if (language !== undefined) {
      // Without its grammar a text has no colours, and can be read all the same.
      grammarOf(language, name).then(
        (found) => gone || view.dispatch({ effects: grammar.reconfigure(found) }),
        () => undefined,
      )
    }
    return () => {
      gone = true
      view.destroy()
    }
  }, [editable, label, name, language])

  return <div ref={place} className="code" tabIndex={0} data-keeps-keys />
}

function common(label: string, content: string): Extension[] {
  return [
    EditorState.lineSeparator.of(lineEndOf(content)),
    lineNumbers(),
    drawSelection(),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
    ...codeLook,
    keymap.of([...defaultKeymap, ...historyKeymap]),
  ]
}

function editing(changed: (content: string) => void): Extension[] {
  const listener = EditorView.updateListener.of((update) => {
    if (update.docChanged) changed(update.state.sliceDoc())
  })
  return [history(), highlightActiveLine(), listener]
}
