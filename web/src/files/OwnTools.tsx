import { useMutation } from '@tanstack/react-query'
import { issueCredentials } from '../api/files'
import type { Credentials, Location } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { CopyText } from '../ui/CopyText'
import { Dialog } from '../ui/Dialog'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { withProof } from '../ui/step-up'

/** Temporary credentials of the person's own role session, for the AWS CLI and its like. Never kept. */
export function OwnTools({ location, onClose }: { location: Location; onClose: () => void }) {
  const issue = useMutation({ mutationFn: () => withProof(() => issueCredentials(location.id)), gcTime: 0 })
  return (
    <Dialog title={m.tools.title(location.title)} onClose={onClose} wide>
      <p>{m.tools.text()}</p>
      {issue.error ? <Notice tone="bad">{describe(issue.error)}</Notice> : null}
      {issue.data === undefined ? null : <Issued credentials={issue.data} />}
      <div className="foot">
        <Button onPress={onClose}>{m.common.close()}</Button>
        {issue.data === undefined ? (
          <Button look="primary" pending={issue.isPending} onPress={() => issue.mutate()}>
            {m.tools.issue()}
          </Button>
        ) : null}
      </div>
    </Dialog>
  )
}

function Issued({ credentials: c }: { credentials: Credentials }) {
  const place = `s3://${c.bucket}/${c.prefix}`
  const environment = [
    `export AWS_ACCESS_KEY_ID='${c.access_key_id}'`,
    `export AWS_SECRET_ACCESS_KEY='${c.secret_access_key}'`,
    `export AWS_SESSION_TOKEN='${c.session_token}'`,
    `export AWS_REGION='${c.region}'`,
    ...(c.endpoint ? [`export AWS_ENDPOINT_URL='${c.endpoint}'`] : []),
    '',
  ].join('\n')
  return (
    <>
      <Notice tone="calm">{m.tools.expires(c.expiration)}</Notice>
      <CopyText label={m.tools.environment()} text={environment} />
      <CopyText label={m.tools.example()} text={`aws s3 ls ${quoted(place)}\naws s3 cp report.pdf ${quoted(place)}`} />
    </>
  )
}

/** A word that the shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
