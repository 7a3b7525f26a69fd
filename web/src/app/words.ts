/** Pages that come together with the words for them. */

/** The same module, once the messages of administration are there in the language that is spoken. */
export async function withWords<Module>(fetched: Promise<Module>): Promise<Module> {
  const [module] = await Promise.all([fetched, import('../i18n/administration').then(({ ready }) => ready)])
  return module
}

/** The same, once the messages of how much lies in a folder are there in the language that is spoken. */
export async function withFolderUsageWords<Module>(fetched: Promise<Module>): Promise<Module> {
  const [module] = await Promise.all([fetched, import('../i18n/folder-usage').then(({ ready }) => ready)])
  return module
}
