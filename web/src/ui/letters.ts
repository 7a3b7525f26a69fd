/** Whether keys that are a single letter or sign do something (WCAG 2.1.4 wants them to be switched off at will). */
import { Kept } from './kept'

export const letters = new Kept('letters', (raw) => raw !== false)
