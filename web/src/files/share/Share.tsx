import { useIsMutating, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { linksHereQuery, makeLinkKey } from '../../api/links'
import type { MadeShareLink } from '../../api/types'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { CopyText } from '../../ui/CopyText'
import { Dialog } from '../../ui/Dialog'
import { LinkTable } from '../../ui/LinkTable'
import { Failure, Loading, Notice } from '../../ui/Notice'
import { MakeLink } from './MakeLink'

interface Props {
  location: string
  /** A folder's ends in a slash. */
  path: string
  name: string
  onClose: () => void
}

/**
 * The links to one file or folder, and a form that makes another. A new one is shown once, and kept nowhere: as
 * long as it is being made, nothing but its end closes the dialog.
 */
export function Share({ location, path, name, onClose }: Props) {
  const { data, error, isPending, refetch } = useQuery(linksHereQuery(location, path))
  const making = useIsMutating({ mutationKey: makeLinkKey }) > 0
  const [made, setMade] = useState<MadeShareLink>()
  if (made !== undefined) return <Made made={made} onClose={onClose} />
  const alive = data?.links.filter(({ state }) => state !== 'revoked' && state !== 'expired') ?? []
  return (
    <Dialog title={m.links.dialog(name)} onClose={onClose} alert={making} firm={making} wide>
      <p>{m.links.dialogText()}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.links.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : data.rules.enabled ? (
        <MakeLink location={location} path={path} rules={data.rules} given={data.days_given} onMade={setMade} onClose={onClose} />
      ) : (
        <Off onClose={onClose} />
      )}
      {alive.length === 0 ? null : (
        <section>
          <h3>{m.links.here()}</h3>
          <LinkTable caption={m.links.here()} links={alive} />
        </section>
      )}
    </Dialog>
  )
}

function Off({ onClose }: { onClose: () => void }) {
  return (
    <>
      <Notice tone="warn">{m.links.off()}</Notice>
      <div className="foot">
        <Button onPress={onClose}>{m.common.close()}</Button>
      </div>
    </>
  )
}

/** Neither a click beside the dialog nor Escape loses the link. */
function Made({ made, onClose }: { made: MadeShareLink; onClose: () => void }) {
  return (
    <Dialog title={m.links.madeTitle()} onClose={onClose} alert firm wide>
      <Notice tone="warn">{m.links.once()}</Notice>
      <CopyText label={m.links.address()} text={`${globalThis.location.origin}${made.path}`} />
      <div className="foot">
        <Button look="primary" onPress={onClose}>
          {m.links.kept()}
        </Button>
      </div>
    </Dialog>
  )
}
