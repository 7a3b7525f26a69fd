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
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queries } from './app/queries'
import { router } from './app/routes'
import { forgetOnSignOut, keepFoldersFresh } from './app/wiring'
import { followOtherTabs } from './ui/kept'
import { applyTheme, chosenTheme } from './ui/theme'

applyTheme(chosenTheme())
keepFoldersFresh()
forgetOnSignOut()
followOtherTabs()

const place = document.getElementById('root')
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
}
