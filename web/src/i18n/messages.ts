/** The messages in use. Another language is another object of type `Messages`, loaded when it is chosen. */
import { en } from './en'

export type Messages = typeof en

export const m: Messages = en
