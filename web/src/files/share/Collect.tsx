import { useIsMutating, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { makeFileRequestKey } from '../../api/fileRequests'
import { linkRulesQuery } from '../../api/links'
import type { MadeFileRequest } from '../../api/types'
import { mc } from '../../i18n/collecting'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { CopyText } from '../../ui/CopyText'
import { Dialog } from '../../ui/Dialog'
import { Failure, Loading, Notice } from '../../ui/Notice'
import { MakeRequest } from './MakeRequest'

interface Props {
  location: string
  /** Empty, or it ends in a slash. */
  path: string
  name: string
  onClose: () => void
}

/** A form that asks for files into a folder. The address is shown once, and kept nowhere. */
export function Collect({ location, path, name, onClose }: Props) {
  const { data, error, isPending, refetch } = useQuery(linkRulesQuery)
  const making = useIsMutating({ mutationKey: makeFileRequestKey }) > 0
  const [made, setMade] = useState<MadeFileRequest>()
  if (made !== undefined) return <Made made={made} onClose={onClose} />
  return (
    <Dialog title={mc.dialog(name)} onClose={onClose} alert={making} firm={making} wide>
      <p>{mc.dialogText}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={mc.failed} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : data.requests ? (
        <MakeRequest location={location} path={path} rules={data} onMade={setMade} onClose={onClose} />
      ) : (
        <>
          <Notice tone="warn">{mc.off}</Notice>
          <div className="foot">
            <Button onPress={onClose}>{m.common.close()}</Button>
          </div>
        </>
      )}
    </Dialog>
  )
}

/** Neither a click beside the dialog nor Escape loses the address. */
function Made({ made, onClose }: { made: MadeFileRequest; onClose: () => void }) {
  return (
    <Dialog title={mc.madeTitle} onClose={onClose} alert firm wide>
      <Notice tone="warn">{mc.once}</Notice>
      <CopyText label={mc.address} text={`${globalThis.location.origin}${made.path}`} />
      <div className="foot">
        <Button look="primary" onPress={onClose}>
          {mc.kept}
        </Button>
      </div>
    </Dialog>
  )
}
