import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Tick } from '../ui/Choice'
import { Dialog } from '../ui/Dialog'
import { letters } from '../ui/letters'
import { useKept } from '../ui/useKept'

/** Every key of the list, and the switch for those that are a single letter or sign. */
export function Help({ onClose }: { onClose: () => void }) {
  const byLetter = useKept(letters)
  const keys: readonly (readonly [string, string])[] = [
    ['↑ ↓', m.help.move()],
    ['Home End', m.help.ends()],
    [m.help.pages(), m.help.page()],
    [m.help.enter(), m.help.open()],
    [m.help.backspace(), m.help.parent()],
    [m.help.space(), m.help.toggle()],
    ['Shift + ↑ ↓', m.help.range()],
    [m.help.ctrl('↑ ↓'), m.help.walk()],
    [m.help.ctrl('A'), m.help.all()],
    ['Esc', m.help.none()],
    ['F2', m.help.rename()],
    [m.help.ctrl('X C'), m.help.cutOrCopy()],
    [m.help.del(), m.help.remove()],
    ['Shift + F10', m.help.menu()],
    [m.help.ctrl('V'), m.help.paste()],
    [m.help.ctrl('K'), m.help.palette()],
  ]
  const signs: readonly (readonly [string, string])[] = [
    ['A–Z', m.help.type()],
    ['/', m.help.filter()],
    ['*', m.help.favourite()],
    ['?', m.help.help()],
  ]
  return (
    <Dialog title={m.help.title()} onClose={onClose} wide>
      <Keys keys={keys} />
      <h3>{m.help.letters()}</h3>
      <Keys keys={signs} />
      <Tick value={byLetter} onChange={(on) => letters.set(on)}>
        {m.help.lettersOn()}
      </Tick>
      <div className="foot">
        <Button onPress={onClose} autoFocus>
          {m.common.close()}
        </Button>
      </div>
    </Dialog>
  )
}

function Keys({ keys }: { keys: readonly (readonly [string, string])[] }) {
  return (
    <dl className="keys">
      {keys.map(([key, what]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  )
}
