/** Permissions in CodeMirror: completed from the tables of the policy engine, and marked where it finds something. */
import { autocompletion, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { json } from '@codemirror/lang-json'
import { EditorState, StateEffect, StateField, type Extension, type Text } from '@codemirror/state'
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, type DecorationSet } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import type { PolicyFinding, PolicyWords } from '../api/types'
import { codeLook } from '../ui/code'

interface Props {
  label: string
  /** As it is at first; what is typed later is told by `onChange`. */
  content: string
  findings: readonly PolicyFinding[]
  words: PolicyWords | undefined
  onChange: (content: string) => void
}

/** Variables that a person's session has a value for. */
const VARIABLES = ['${aws:PrincipalTag/uid}', '${aws:SourceIdentity}', '${aws:PrincipalAccount}']

const found = StateEffect.define<readonly PolicyFinding[]>()

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marked, transaction) => {
    const told = transaction.effects.find((effect) => effect.is(found))
    return told === undefined ? marked.map(transaction.changes) : markedIn(transaction.state.doc, told.value)
  },
  provide: (field) => EditorView.decorations.from(field),
})

function markedIn(doc: Text, findings: readonly PolicyFinding[]): DecorationSet {
  const ranges = findings.flatMap((one) => {
    const [from, to] = [at(doc, one.line, one.column), at(doc, one.end_line, one.end_column)]
    if (from >= to) return []
    const mark = Decoration.mark({ class: `found-${one.severity}`, attributes: { title: one.message } })
    return [mark.range(from, to)]
  })
  return Decoration.set(ranges, true)
}

/** Lines and columns count from 1, columns in characters. */
function at(doc: Text, line: number, column: number): number {
  if (line > doc.lines) return doc.length
  const { from, text } = doc.line(line)
  return from + [...text].slice(0, column - 1).join('').length
}

const look = EditorView.theme({
  '.found-error, .found-security': { textDecoration: 'underline wavy var(--bad)' },
  '.found-warning, .found-suggestion': { textDecoration: 'underline wavy var(--warn)' },
  '.cm-tooltip': { backgroundColor: 'var(--panel)', border: '1px solid var(--line)' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--tint)', color: 'var(--ink)' },
})

export function PolicyEditor({ label, content, findings, words, onChange }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<EditorView>(undefined)
  const changed = useRef(onChange)
  const known = useRef(words)
  const first = useRef(content)
  useEffect(() => {
    changed.current = onChange
    known.current = words
  }, [onChange, words])

  useEffect(() => {
    const host = place.current
    if (host === null) return undefined
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true })
    const complete = (context: CompletionContext): CompletionResult | null => completions(context, known.current)
    const view = new EditorView({ doc: first.current, root, parent: root, extensions: extensions(label, (text) => changed.current(text), complete) })
    editor.current = view
    return () => {
      editor.current = undefined
      view.destroy()
    }
  }, [label])

  useEffect(() => {
    editor.current?.dispatch({ effects: found.of(findings) })
  }, [findings])

  return <div ref={place} className="code" tabIndex={0} data-keeps-keys />
}

function extensions(label: string, changed: (text: string) => void, complete: (context: CompletionContext) => CompletionResult | null): Extension[] {
  return [
    EditorState.tabSize.of(2),
    lineNumbers(),
    drawSelection(),
    history(),
    highlightActiveLine(),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.sliceDoc())
    }),
    marks,
    json(),
    autocompletion({ override: [complete], icons: false }),
    ...codeLook,
    look,
    keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
  ]
}

/** Within quotes: actions after `s3:`, keys where they are written, variables after `$`. */
function completions(context: CompletionContext, words: PolicyWords | undefined): CompletionResult | null {
  const typed = context.matchBefore(/[\w:${}/*]*/)
  if (words === undefined || typed === null || (typed.from === typed.to && !context.explicit)) return null
  const actions: Completion[] = words.actions.map(({ name, class: of }) => ({ label: name, detail: of }))
  const keys: Completion[] = words.keys.map((label) => ({ label }))
  const variables: Completion[] = VARIABLES.map((label) => ({ label }))
  return { from: typed.from, options: typed.text.startsWith('$') ? variables : [...actions, ...keys, ...variables], validFor: /^[\w:${}/*]*$/ }
}
