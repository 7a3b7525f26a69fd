/** A read-only person is refused an upload three times over: by the page, by the API, by the store. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'

const run = promisify(execFile)

test('an upload to shared is refused by the page, the API and the store', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Shared/)

  await test.step('greyed in the page, with the reason', async () => {
    const upload = page.getByRole('button', { name: 'Upload', exact: true })
    await expect(upload).toHaveAttribute('aria-disabled', 'true')
    await expect(upload).toHaveAccessibleDescription(/s3:PutObject/)
    await upload.hover()
    await expect(page.getByRole('tooltip')).toContainText(/RegularUserRole|s3:PutObject/)
  })

  await test.step('by the API, with an explanation', async () => {
    const locations = await (await page.request.get('/api/v1/locations')).json()
    const shared = locations.locations.find((location: { prefix: string }) => location.prefix === 'shared/')
    const data = { location: shared.id, path: 'x.txt', size: 1, content_type: 'text/plain', last_modified: 0, conflict: 'fail' }
    const answer = await page.request.post('/api/v1/uploads', { data, headers: { 'sec-fetch-site': 'same-origin' } })
    expect(answer.status()).toBe(403)
    expect(answer.headers()['content-type']).toContain('application/problem+json')
    const problem = await answer.json()
    expect(problem.explanation).toMatchObject({ decision: 'implicit-deny', action: 's3:PutObject', role: 'RegularUserRole' })
  })

  await test.step('by the store, when the own temporary credentials try it with the AWS CLI', async () => {
    const aws = process.env['WELLHOUSE_TEST_AWS']
    if (!aws) throw new Error('WELLHOUSE_TEST_AWS is not set: run the tests by `cargo xtask test`')
    await page.getByRole('button', { name: 'Own tools' }).click()
    await page.getByRole('button', { name: 'Get temporary credentials' }).click()
    await expect(page.getByRole('dialog')).toContainText('AWS_SESSION_TOKEN')
    const card = await page.getByRole('dialog').textContent()
    const variables = Object.fromEntries([...(card ?? '').matchAll(/(AWS_[A-Z_]+)=['"]?([^\s'"]+?)['"]?(?=\s|export|$)/g)].map((found) => [found[1], found[2]]))
    const file = join(house.folder, 'mine.txt')
    await writeFile(file, 'mine')
    const env = { PATH: '/usr/bin:/bin', AWS_EC2_METADATA_DISABLED: 'true', ...variables }
    const refused = await run(aws, ['s3', 'cp', file, 's3://wellhouse/shared/mine.txt'], { env }).catch((error: { stderr: string }) => error)
    expect(refused.stderr).toContain('AccessDenied')
    expect(refused.stderr).toContain('because no identity-based policy allows the s3:PutObject action')
  })
})
