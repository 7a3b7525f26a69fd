/** Pages that come together with the words for them. */

/** The same module, once the messages of administration are there in the language that is spoken. */
export async function withWords<Module>(fetched: Promise<Module>): Promise<Module> {
  const [module] = await Promise.all([fetched, import('../i18n/administration').then(({ ready }) => ready)])
  return module
}
