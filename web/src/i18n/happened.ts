/** What says something of activity, and of what is watched, comes together with the words for it. */

/** The same module, once the messages of activity are there in the language that is spoken. */
export async function withActivityWords<Module>(fetched: Promise<Module>): Promise<Module> {
  const [module] = await Promise.all([fetched, import('./activity').then(({ ready }) => ready)])
  return module
}
