import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Link as LinkIcon, Play } from 'lucide-react'
import { useState } from 'react'
import { simulationQuery } from '../api/simulations'
import { ma } from '../i18n/administration'
import { language, m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { toast } from '../ui/toasts'
import '../styles/simulator.css'
import { Ask } from './Ask'
import { formOf, NOTHING, searchOf, type Question } from './question'
import { Simulated } from './Simulated'

/** Who could do what, where and how, and which statement decides. What is asked stands in the address. */
export function SimulatorPage({ asked }: { asked: Partial<Question> }) {
  const [draft, setDraft] = useState({ ...NOTHING, ...asked })
  const [told, setTold] = useState(asked)
  const navigate = useNavigate()
  // A link that leads here while the page is open asks anew.
  if (told !== asked) {
    setTold(asked)
    setDraft({ ...NOTHING, ...asked })
  }
  const form = Object.keys(asked).length === 0 ? undefined : formOf({ ...NOTHING, ...asked }, language())
  const { data, error, isFetching, refetch } = useQuery(simulationQuery(form))
  const ready = formOf(draft, language()) !== undefined
  return (
    <Page title={m.app.simulator()} text={ma.simulator.text()}>
      <form
        className="ask"
        onSubmit={(event) => {
          event.preventDefault()
          void navigate({ to: '/simulator', search: searchOf(draft) }).then(() => (form === undefined ? undefined : refetch()))
        }}
      >
        <Ask question={draft} onChange={setDraft} />
        <div className="ask-end">
          <Button type="submit" look="primary" reason={ready ? undefined : ma.simulator.nothing()} pending={isFetching}>
            <Play size={15} aria-hidden /> {ma.simulator.decide()}
          </Button>
          {form === undefined ? null : (
            <Button onPress={copyLink}>
              <LinkIcon size={15} aria-hidden /> {ma.simulator.link()}
            </Button>
          )}
        </div>
      </form>
      {error ? <Failure title={ma.simulator.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {form === undefined ? <Notice tone="calm">{ma.simulator.nothing()}</Notice> : null}
      {isFetching && data === undefined ? <Loading /> : null}
      {data === undefined || error ? null : <Simulated simulation={data} />}
    </Page>
  )
}

function copyLink(): void {
  navigator.clipboard.writeText(window.location.href).then(
    () => toast(m.common.copied()),
    () => undefined,
  )
}
