/** What says something of file requests comes together with the words for it. */

/** The same module, once the messages of file requests are there in the language that is spoken. */
export async function withRequestWords<Module>(fetched: Promise<Module>): Promise<Module> {
  const [module] = await Promise.all([fetched, import('./collecting').then(({ ready }) => ready)])
  return module
}
