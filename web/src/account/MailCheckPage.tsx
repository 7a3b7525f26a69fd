import { useMutation } from '@tanstack/react-query'
import { followMailLink } from '../api/mail'
import { isProblem } from '../api/problem'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Notice } from '../ui/Notice'
import { describe } from '../ui/problems'
import { Door, DoorDone } from './Door'
import { useToken } from './token'

/** Reached by a link that was sent to a mail address. It counts by a press: programs that look at links press nothing. */
export function MailCheckPage() {
  const token = useToken()
  if (token === undefined) return <Door title={m.mailCheck.noToken()} text={m.mailCheck.noTokenText()}>{null}</Door>
  return <Confirm token={token} />
}

function Confirm({ token }: { token: string }) {
  const follow = useMutation({ mutationFn: () => followMailLink(token) })
  if (follow.data !== undefined) {
    return <DoorDone title={m.mailCheck.done()} text={follow.data.active ? m.mailCheck.doneText() : m.mailCheck.waitText()} />
  }
  if (isProblem(follow.error) && follow.error.status === 403) {
    return <Door title={m.mailCheck.refused()} text={m.mailCheck.refusedText()}>{null}</Door>
  }
  return (
    <Door title={m.mailCheck.title()} text={m.mailCheck.text()}>
      {follow.error ? <Notice tone="bad">{describe(follow.error)}</Notice> : null}
      <Button look="primary" onPress={() => follow.mutate()} pending={follow.isPending}>
        {m.mailCheck.confirm()}
      </Button>
    </Door>
  )
}
