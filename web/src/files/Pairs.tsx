import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'

/** What a pair is called: a tag has a key and a value, metadata a name and a value. */
export interface PairWords {
  name: (n: number) => string
  value: (n: number) => string
  add: () => string
  remove: (n: number) => string
}

interface Row {
  id: number
  name: string
  value: string
}

export type Pair = readonly [name: string, value: string]

/** Pairs as they are being written: one empty row to begin with, and those that say nothing left out. */
export function usePairs(known: readonly Pair[], max: number) {
  const [rows, setRows] = useState<readonly Row[]>(() => [...known, ['', ''] as const].slice(0, max).map(([name, value], id) => ({ id, name, value })))
  const kept = rows.map(({ name, value }): Pair => [name.trim(), value.trim()]).filter(([name, value]) => name !== '' || value !== '')
  return { rows, setRows, kept, max }
}

interface Props {
  of: ReturnType<typeof usePairs>
  words: PairWords
  /** Whether the first field has the focus when the dialog opens. */
  first: boolean
}

/** Rows of two fields, with a button that takes a row away and one that adds another. */
export function Pairs({ of: { rows, setRows, max }, words, first }: Props) {
  const change = (id: number, news: Partial<Row>): void => setRows(rows.map((row) => (row.id === id ? { ...row, ...news } : row)))
  const add = (): void => setRows([...rows, { name: '', value: '', id: Math.max(-1, ...rows.map((row) => row.id)) + 1 }])
  return (
    <>
      {rows.map((row, index) => (
        <div className="tag-fields" key={row.id}>
          <Field label={words.name(index + 1)} value={row.name} onChange={(name) => change(row.id, { name })} required autoFocus={first && index === 0} />
          <Field label={words.value(index + 1)} value={row.value} onChange={(value) => change(row.id, { value })} />
          <Button look="quiet" label={words.remove(index + 1)} onPress={() => setRows(rows.filter(({ id }) => id !== row.id))}>
            <X size={16} aria-hidden />
          </Button>
        </div>
      ))}
      {rows.length < max ? (
        <Button onPress={add}>
          <Plus size={15} aria-hidden />
          {words.add()}
        </Button>
      ) : null}
    </>
  )
}
