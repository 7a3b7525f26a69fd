import { Name } from './Name'

/** Names come in backticks, and are set as code. */
export function Marked({ text }: { text: string }) {
  const pieces = [...text.matchAll(/`([^`]*)`|[^`]+/g)]
  return pieces.map(({ 0: all, 1: name, index }) =>
    name === undefined ? (
      all
    ) : (
      <code key={index}>
        <Name text={name} />
      </code>
    ),
  )
}
