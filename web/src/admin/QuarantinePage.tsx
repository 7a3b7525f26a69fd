import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { deleteFinding, releaseFile, scansQuery } from '../api/scans'
import type { Finding, Scans } from '../api/types'
import { dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Dialog } from '../ui/Dialog'
import { Name } from '../ui/Name'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'
import { toast } from '../ui/toasts'

/** What the scan for malware holds back: each released, where it is harmless, or deleted. */
export function QuarantinePage() {
  const { data, error, isPending, refetch } = useQuery({ ...scansQuery, refetchInterval: 5_000 })
  return (
    <Page title={m.app.quarantine()} text={ma.quarantine.pageText(data?.serves === 'only-clean')}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.quarantine.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <Standing scans={data} />}
      {data?.findings.length === 0 ? (
        <Blank icon={<ShieldCheck size={30} strokeWidth={1.6} aria-hidden />} title={ma.quarantine.none()}>
          <p>{ma.quarantine.noneText()}</p>
        </Blank>
      ) : null}
      {data !== undefined && data.findings.length > 0 ? <Findings all={data.findings} /> : null}
    </Page>
  )
}

function Standing({ scans: { serves, waiting, failing } }: { scans: Scans }) {
  if (serves === 'not-scanned') return <Notice tone="warn">{ma.quarantine.off()}</Notice>
  if (waiting === 0) return null
  return (
    <Notice tone={failing > 0 ? 'warn' : 'calm'}>
      {ma.quarantine.waiting(waiting)} {failing > 0 ? ma.quarantine.failing(failing) : ''}
    </Notice>
  )
}

type Asked = { finding: Finding; to: 'release' | 'remove' }

function Findings({ all }: { all: readonly Finding[] }) {
  const [asked, setAsked] = useState<Asked>()
  return (
    <>
      <table className="table">
        <caption className="hidden-text">{m.app.quarantine()}</caption>
        <thead>
          <tr>
            <th scope="col">{ma.quarantine.file()}</th>
            <th scope="col">{ma.quarantine.finding()}</th>
            <th scope="col">{ma.quarantine.when()}</th>
            <th scope="col" className="end">
              {m.common.actions()}
            </th>
          </tr>
        </thead>
        <tbody>
          {all.map((finding) => (
            <Row key={finding.id} finding={finding} onAsk={(to) => setAsked({ finding, to })} />
          ))}
        </tbody>
      </table>
      {asked === undefined ? null : <Asking asked={asked} onClose={() => setAsked(undefined)} />}
    </>
  )
}

function Row({ finding, onAsk }: { finding: Finding; onAsk: (to: Asked['to']) => void }) {
  const name = nameOf(finding)
  return (
    <tr>
      <th scope="row">
        <Name text={name} />{' '}
        <span className={finding.state === 'infected' ? 'pill pill-bad' : 'pill pill-warn'}>{stateOf(finding)}</span>
        <p className="soft">
          <Name text={`${finding.bucket}/${finding.key}`} />
        </p>
      </th>
      <td data-label={ma.quarantine.finding()}>
        <Name text={finding.finding} />
      </td>
      <td data-label={ma.quarantine.when()}>{finding.at === null ? '' : dateTime(finding.at)}</td>
      <td className="end below">
        {finding.state === 'releasing' ? null : (
          <Button onPress={() => onAsk('release')}>
            {ma.quarantine.release()} <Name text={name} className="hidden-text" />
          </Button>
        )}{' '}
        <Button look="danger" onPress={() => onAsk('remove')}>
          {ma.quarantine.remove()} <Name text={name} className="hidden-text" />
        </Button>
      </td>
    </tr>
  )
}

function Asking({ asked: { finding, to }, onClose }: { asked: Asked; onClose: () => void }) {
  const name = nameOf(finding)
  const queries = useQueryClient()
  const release = to === 'release'
  const change = useMutation({
    mutationFn: () => withProof(() => (release ? releaseFile(finding.id) : deleteFinding(finding.id))),
    onSuccess: () => {
      toast(release ? ma.quarantine.released(name) : ma.quarantine.removed(name))
      onClose()
    },
    onSettled: () => queries.invalidateQueries({ queryKey: scansQuery.queryKey }),
  })
  return (
    <Dialog title={release ? ma.quarantine.releaseTitle(name) : ma.quarantine.removeTitle(name)} onClose={onClose}>
      {change.error ? <Notice tone="bad">{describe(change.error)}</Notice> : null}
      <p>{release ? ma.quarantine.releaseText() : ma.quarantine.removeText()}</p>
      <div className="foot">
        <Button onPress={onClose}>{m.common.cancel()}</Button>
        <Button look="danger" pending={change.isPending} onPress={() => change.mutate()}>
          {release ? ma.quarantine.release() : ma.quarantine.remove()}
        </Button>
      </div>
    </Dialog>
  )
}

function nameOf({ key }: Finding): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

function stateOf({ state }: Finding): string {
  switch (state) {
    case 'infected':
    case 'unscanned':
      return m.scan.held(state)
    case 'releasing':
      return ma.quarantine.releasing()
  }
}
