/** How full a quota is: a bar, and the same in words. */
import { m } from '../i18n/messages'

interface Props {
  used: number
  limit: number
  label: string
}

/** From here on it is nearly full, in hundredths. */
const NEARLY = 80

export function Fill({ used, limit, label }: Props) {
  const share = limit === 0 ? 100 : Math.min(100, Math.round((used / limit) * 100))
  return (
    <span className="fill">
      <meter min={0} max={100} high={NEARLY} value={share} aria-label={label}>
        {share} %
      </meter>
      {share >= NEARLY ? <span className={share >= 95 ? 'pill pill-bad' : 'pill pill-warn'}>{m.account.quotaNearly(share)}</span> : null}
    </span>
  )
}
