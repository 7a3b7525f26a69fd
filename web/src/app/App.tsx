import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { I18nProvider } from 'react-aria-components'
import { language, onLanguage } from '../i18n/messages'
import { queries } from './queries'
import { router } from './routes'

/** All of the interface. Another language draws it anew; what it has fetched, and uploads, stay. */
export function App() {
  const spoken = useSyncExternalStore(onLanguage, language)
  return (
    <I18nProvider locale={LOCALES[spoken]}>
      <QueryClientProvider client={queries}>
        <RouterProvider key={spoken} router={router} />
      </QueryClientProvider>
    </I18nProvider>
  )
}

/** The locales that React Aria's own words are bundled for. */
const LOCALES = { en: 'en-US', de: 'de-DE' } as const
