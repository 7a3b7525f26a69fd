/** Alle Sätze der Oberfläche auf Deutsch. */
import type { Messages } from '../messages'
import { account, factor, passkeys, sessions } from './account'
import { asking } from './asking'
import { documentation } from './documentation'
import { door, invitation, newPassword, registration, setup } from './door'
import { conflict, files, tools, uploads } from './files'
import { help, palette } from './finding'
import { jobs, moving, trash } from './jobs'
import { keys, tokens } from './keys'
import { links } from './links'
import { email, forgotten, mailCheck } from './mail'
import { past } from './past'
import { preview } from './preview'
import { properties } from './properties'
import { providers } from './providers'
import { refusals } from './refusals'
import { scan } from './scan'
import { search } from './search'
import { app, common, viewing, who, why } from './shell'
import { steps } from './steps'
import { versions } from './versions'

export const de: Messages = {
  app,
  common,
  who,
  viewing,
  why,
  refusals,
  door,
  setup,
  registration,
  files,
  tools,
  uploads,
  conflict,
  jobs,
  moving,
  trash,
  versions,
  preview,
  properties,
  past,
  palette,
  help,
  account,
  factor,
  passkeys,
  keys,
  sessions,
  tokens,
  links,
  invitation,
  newPassword,
  forgotten,
  mailCheck,
  email,
  asking,
  documentation,
  scan,
  search,
  steps,
  providers,
}
