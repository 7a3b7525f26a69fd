import { Check, Minus, X } from 'lucide-react'
import type { SimulatedChain, SimulatedPolicy, Simulation } from '../api/types'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Marked } from '../ui/Marked'
import { Name } from '../ui/Name'
import { Notice } from '../ui/Notice'
import { source } from '../ui/reason'

/** The decision, and for each way of asking every policy that has a say in it. */
export function Simulated({ simulation: { allowed, status, chains, elsewhere } }: { simulation: Simulation }) {
  return (
    <section className="simulated" aria-label={ma.simulator.decision()} aria-live="polite">
      <p className="verdict">
        <Verdict allowed={allowed} /> <Marked text={reason(allowed, status, chains)} />
      </p>
      {chains.map((chain) => (
        <Chain key={chain.location?.id ?? 'alone'} chain={chain} />
      ))}
      {elsewhere.length === 0 ? null : (
        <p className="soft">
          {ma.simulator.elsewhere()}{' '}
          {elsewhere.map(({ id, title, role }, n) => (
            <span key={id}>
              {n > 0 ? ', ' : null}
              <Name text={title} /> ({role})
            </span>
          ))}
        </p>
      )}
    </section>
  )
}

/** What of all chains is said in one sentence. */
function reason(allowed: boolean, status: Simulation['status'], chains: readonly SimulatedChain[]): string {
  if (status === 'disabled' || status === 'pending') return ma.simulator.standing(status)
  if (chains.length === 0) return ma.simulator.noGrant()
  const first = chains.find((chain) => chain.allowed === allowed)
  return first?.sentence.replace(/^[^:]*: /, '') ?? ''
}

function Verdict({ allowed }: { allowed: boolean }) {
  return <span className={allowed ? 'pill pill-ok' : 'pill pill-bad'}>{allowed ? m.why.allowed() : m.why.refused()}</span>
}

function Chain({ chain: { location, allowed, sentence, explanation, policies, wanting } }: { chain: SimulatedChain }) {
  return (
    <article className="chain">
      <header>
        <h2>
          {location === null ? explanation.role || ma.simulator.stranger() : <Name text={location.title} />} <Verdict allowed={allowed} />
        </h2>
        {location === null ? null : (
          <p className="soft">
            {location.role}, <code><Name text={`${location.bucket}/${location.prefix}`} /></code>, {source(location.by)}
          </p>
        )}
        <p>
          <Marked text={sentence} />
        </p>
      </header>
      <ol>
        {policies.map((policy) => (
          <Policy key={`${policy.kind} ${policy.name}`} policy={policy} decided={decides(policy, explanation)} statement={explanation.statement ?? undefined} />
        ))}
      </ol>
      {wanting.map(({ key, statement }) => (
        <Notice key={`${key} ${statement}`} tone="calm">
          {ma.simulator.wanting(key, statement)}
        </Notice>
      ))}
      <details>
        <summary>{m.common.technical()}</summary>
        <p><Name text={explanation.message} /></p>
      </details>
    </article>
  )
}

function decides({ name }: SimulatedPolicy, { policy }: SimulatedChain['explanation']): boolean {
  return name === policy
}

interface PolicyProps {
  policy: SimulatedPolicy
  decided: boolean
  statement: string | undefined
}

function Policy({ policy: { kind, name, says, statements }, decided, statement }: PolicyProps) {
  const words = { denies: ma.simulator.denies(), allows: ma.simulator.allows(), nothing: ma.simulator.saysNothing(), unreadable: ma.simulator.unreadable() }
  return (
    <li data-says={says} data-decides={decided || undefined}>
      <h3>
        {kind} <code><Name text={name} /></code>: {words[says]}
      </h3>
      <ul>
        {statements.map(({ label, denies, applies, words: what }) => (
          <li key={`${label} ${what}`} data-decides={(decided && applies && label === statement) || undefined} className={applies ? (denies ? 'bad' : 'ok') : 'soft'}>
            {applies ? denies ? <X size={15} aria-hidden /> : <Check size={15} aria-hidden /> : <Minus size={15} aria-hidden />}
            <span>
              <code><Name text={label} /></code> <Marked text={what} />
            </span>
          </li>
        ))}
      </ul>
    </li>
  )
}
