/** Which language somebody chose, in this browser; before that the one that the browser asks for. */
import { LANGUAGES, speak, type Language } from '../i18n/messages'

const KEY = 'language'

export function chosenLanguage(): Language {
  const wanted = [localStorage.getItem(KEY) ?? '', ...navigator.languages]
  for (const tag of wanted) {
    const found = LANGUAGES.find(([language]) => tag === language || tag.startsWith(`${language}-`))
    if (found !== undefined) return found[0]
  }
  return 'en'
}

/** Keeps the choice, and speaks so from now on. */
export async function choose(language: Language): Promise<void> {
  localStorage.setItem(KEY, language)
  await begin(language)
}

/** Speaks a language, and tells the browser which it is. */
export async function begin(language: Language): Promise<void> {
  await speak(language)
  document.documentElement.lang = language
}
