/** Where the application begins. */
import './styles/fonts.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/ui.css'
import './styles/shell.css'
import './styles/files.css'
import './styles/uploads.css'
import './styles/keys.css'
import './styles/palette.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { forgetOnSignOut, keepFoldersFresh } from './app/wiring'
import { keepDropsHere } from './ui/drops'
import { followOtherTabs } from './ui/kept'
import { begin, chosenLanguage } from './ui/language'
import { applyTheme, chosenTheme } from './ui/theme'

applyTheme(chosenTheme())
keepFoldersFresh()
forgetOnSignOut()
followOtherTabs()
keepDropsHere()

const place = document.getElementById('root')
if (place !== null) {
  const root = createRoot(place)
  const draw = (): void =>
    root.render(
      <StrictMode>
        <App />
      </StrictMode>,
    )
  // A language that cannot be fetched leaves English.
  begin(chosenLanguage()).then(draw, draw)
}
