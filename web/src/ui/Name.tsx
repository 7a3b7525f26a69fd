import { m } from '../i18n/messages'
import { hasHiddenCharacters, visibleName } from '../i18n/visible'

interface Props {
  /** A name or a path that somebody chose. */
  text: string
  className?: string
}

/** What somebody called something; a name that could pass for another has its hidden characters spelt out. */
export function Name({ text, className = '' }: Props) {
  if (!hasHiddenCharacters(text)) return className === '' ? text : <span className={className}>{text}</span>
  return (
    <span className={`${className} warn`.trim()} title={m.files.hiddenCharacters()}>
      {visibleName(text)}
    </span>
  )
}
