import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { bucketsQuery, rolesQuery } from '../api/admin'
import { policyCheckQuery, policyVersionsQuery, policyWordsQuery } from '../api/changes'
import type { ChangeSet, PolicyCheck, PolicyFinding, Role } from '../api/types'
import { ma } from '../i18n/administration'
import { Button } from '../ui/Button'
import { Field } from '../ui/Field'
import { Marked } from '../ui/Marked'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { Select } from '../ui/Select'
import { toast } from '../ui/toasts'
import { useSettled } from '../ui/useSettled'
import { ChangeSetView } from './ChangeSetView'
import { PolicyVersions } from './PolicyVersions'
import { Unfit } from './Unfit'
import { standsAgainst, useWeighed } from './weighed'
import { statements, TEMPLATES, withStatements, type Template } from './templates'
import { indented } from './indented'

const PolicyEditor = lazy(() => import('./PolicyEditor').then(({ PolicyEditor: it }) => ({ default: it })))

/** The permissions of a role: written, checked, weighed, and saved as they were shown. */
export function PolicyPage({ name }: { name: string }) {
  const { data: roles, error, isPending, refetch } = useQuery(rolesQuery)
  const role = roles?.find((one) => one.name === name)
  return (
    <Page title={ma.changes.title(name)} text={ma.changes.text()} actions={<Link to="/roles">{ma.changes.back()}</Link>}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.roles.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {role === undefined ? null : <Permissions role={role} />}
    </Page>
  )
}

function Permissions({ role }: { role: Role }) {
  const current = indented(role.policies[0]?.document ?? '')
  // What comes from elsewhere than the keyboard is another document to the editor.
  const brought = useLocation({ select: ({ state }) => state.draft })
  const [draft, setDraft] = useState({ text: brought ?? current, taken: 0 })
  const { data: versions } = useQuery(policyVersionsQuery)
  const take = (text: string): void => setDraft(({ taken }) => ({ text, taken: taken + 1 }))
  if (versions !== undefined && !versions.editable.includes(role.name)) return <Notice tone="calm">{ma.changes.notEditable()}</Notice>
  return (
    <>
      <Unfit unfit={versions?.unfit.filter((one) => one.role === role.name) ?? []} />
      {brought !== undefined && draft.text === brought && draft.text !== current ? <Notice tone="calm">{ma.usage.draft()}</Notice> : null}
      <p>
        <Link to="/roles/$role/use" params={{ role: role.name }} className="link">
          {ma.usage.open(role.name)}
        </Link>
      </p>
      <Templates text={draft.text} onTake={take} />
      <Written key={draft.taken} text={draft.text} onChange={(text) => setDraft(({ taken }) => ({ text, taken }))} onTake={take} />
      <Weighed role={role.name} text={draft.text} current={current} />
      <PolicyVersions versions={versions?.versions.filter((one) => one.role === role.name) ?? []} current={current} onLoad={take} />
    </>
  )
}

function Templates({ text, onTake }: { text: string; onTake: (text: string) => void }) {
  const { data: buckets } = useQuery(bucketsQuery)
  const [chosen, setChosen] = useState<Template | ''>('')
  const bucket = buckets?.[0] ?? ''
  const add = (template: Template | ''): void => {
    setChosen('')
    if (template === '') return
    const taken = withStatements(text, statements(template, bucket, new Date().getFullYear() + 1))
    if (taken !== undefined) onTake(taken)
  }
  const options = TEMPLATES.map((template) => ({ value: template, label: ma.changes.templates[template]() }))
  return <Select label={ma.changes.template()} value={chosen} options={[{ value: '', label: ma.changes.choose() }, ...options]} onChange={add} />
}

interface WrittenProps {
  text: string
  onChange: (text: string) => void
  onTake: (text: string) => void
}

const NONE: readonly PolicyFinding[] = []

function Written({ text, onChange, onTake }: WrittenProps) {
  const settled = useSettled(text)
  const { data: check } = useQuery({ ...policyCheckQuery(text), enabled: settled, placeholderData: keepPreviousData })
  const { data: words } = useQuery(policyWordsQuery)
  return (
    <div className="policy">
      <div>
        <h2>{ma.changes.document()}</h2>
        <Suspense fallback={<Loading />}>
          <PolicyEditor label={ma.changes.document()} content={text} findings={check?.findings ?? NONE} words={words} onChange={onChange} />
        </Suspense>
      </div>
      {check === undefined ? <Loading /> : <Checked check={check} onTake={onTake} />}
    </div>
  )
}

function Checked({ check: { valid, summary, findings }, onTake }: { check: PolicyCheck; onTake: (text: string) => void }) {
  return (
    <div>
      <section aria-labelledby="in-words" aria-live="polite">
        <h2 id="in-words">{ma.changes.summary()}</h2>
        {valid ? null : <p className="soft">{ma.changes.summaryInvalid()}</p>}
        <ul>
          {summary.map((line) => (
            <li key={line}>
              <Marked text={line} />
            </li>
          ))}
        </ul>
      </section>
      <section className="findings" aria-labelledby="findings">
        <h2 id="findings">{ma.changes.findings()}</h2>
        {findings.length === 0 ? <p className="soft">{ma.changes.noFindings()}</p> : null}
        <ul>
          {findings.map((one) => (
            <li key={`${one.code} ${String(one.line)}:${String(one.column)}`}>
              <Finding finding={one} onTake={onTake} />
            </li>
          ))}
        </ul>
      </section>
    </div>
  )
}

function Finding({ finding: { severity, code, line, column, message, fix }, onTake }: { finding: PolicyFinding; onTake: (text: string) => void }) {
  const mended = fix?.document ?? null
  return (
    <>
      {ma.changes.severity[severity]()} <code>{code}</code>, {ma.changes.place(line, column)}: <Marked text={message} />{' '}
      {fix !== null && mended === null ? <Marked text={ma.changes.fix(fix.words)} /> : null}
      {fix !== null && mended !== null ? (
        <Button look="quiet" onPress={() => onTake(mended)}>
          <Marked text={ma.changes.fix(fix.words)} />
        </Button>
      ) : null}
    </>
  )
}

function Weighed({ role, text, current }: { role: string; text: string; current: string }) {
  const [note, setNote] = useState('')
  const queries = useQueryClient()
  const weighed = useWeighed(async ({ version }) => {
    toast(ma.changes.saved(version ?? 0))
    setNote('')
    await queries.invalidateQueries({ queryKey: ['roles'] })
  })
  const { shown, weighing } = weighed
  // What is shown is of what was written then.
  const stale = shown?.change.kind === 'permissions' && shown.change.document !== text
  return (
    <>
      <div className="policy-end">
        <Button look="primary" onPress={() => weighed.weigh({ kind: 'permissions', role, document: text })} pending={weighing} reason={text === current ? ma.changes.same() : undefined}>
          {ma.changes.preview()}
        </Button>
        <Button onPress={() => weighed.weigh({ kind: 'standard-permissions', role })} pending={weighing}>
          {ma.changes.standard()}
        </Button>
      </div>
      {weighed.error ? <Failure title={ma.changes.failed()} error={weighed.error} /> : null}
      {weighed.again ? <Notice tone="warn">{ma.changes.again()}</Notice> : null}
      {shown === undefined || stale ? null : (
        <>
          <ChangeSetView set={shown.set} />
          <Operator set={shown.set} />
          <div className="policy-end">
            <Field label={ma.changes.note()} value={note} onChange={setNote} hint={ma.changes.noteHint()} />
            <Button look="primary" onPress={() => weighed.make(note)} pending={weighed.making || weighing} reason={standsAgainst(shown.set)}>
              {ma.changes.save()}
            </Button>
          </div>
        </>
      )}
    </>
  )
}

function Operator({ set: { operator } }: { set: ChangeSet }) {
  if (operator === null) return null
  return (
    <section className="operator" aria-label={ma.changes.operator()}>
      <h3>{ma.changes.operator()}</h3>
      <p>{ma.changes.operatorSection()}</p>
      <pre tabIndex={0}>{operator.section}</pre>
      <p>{ma.changes.operatorCommands()}</p>
      <pre tabIndex={0}>{operator.commands.join('\n')}</pre>
    </section>
  )
}
