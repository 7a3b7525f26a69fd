/** The generated types must be those of the server's document as it is now. */
import { readFileSync } from 'node:fs'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { expect, test } from 'vitest'

test('schema.d.ts is what `npm run api` would write', async () => {
  const document = new URL('../../openapi.json', import.meta.url)
  const written = readFileSync(new URL('../src/api/schema.d.ts', import.meta.url), 'utf8')
  expect(COMMENT_HEADER + astToString(await openapiTS(document))).toBe(written)
})
