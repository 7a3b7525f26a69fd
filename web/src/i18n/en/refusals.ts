/** English: what the server refuses. It says so itself. */

export const refusals = {
  /** By its code; the server's own words where there are no others. */
  of: (_code: string, said: string) => said,
  /** A refusal of access: in AWS's words, or in plain ones. */
  access: (said: string, _plain: string) => said,
}
