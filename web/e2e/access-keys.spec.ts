/** Access keys: made with the password, shown once, used from outside, revoked. */
import { createHash, createHmac } from 'node:crypto'
import { approve, expect, register, setUp, signIn, test } from './support/test'
import { PASSWORD } from './support/house'

test('a key is made, kept, used and revoked', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await page.getByRole('link', { name: 'Access keys' }).click()
  await expect(page.getByRole('heading', { name: 'Access keys', level: 1 })).toBeVisible()

  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Backup')
  await page.getByRole('button', { name: /^Location|^Home|^Shared/ }).click()
  await page.getByRole('option', { name: 'Home' }).click()
  await expect(page.getByRole('radio', { name: 'Read only' })).toBeChecked()
  await page.getByLabel('Your password', { exact: true }).fill('not the password')
  await page.getByRole('button', { name: 'Make an access key' }).click()
  await expect(page.getByText('The current password is not right.')).toBeVisible()
  await page.getByLabel('Your password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Make an access key' }).click()

  const dialog = page.getByRole('alertdialog', { name: 'Access key “Backup”' })
  await expect(dialog).toBeVisible()
  const id = (await dialog.getByRole('region', { name: 'Access key ID' }).textContent()) ?? ''
  const secret = (await dialog.getByRole('region', { name: 'Secret access key' }).textContent()) ?? ''
  await dialog.getByText('Ready for rclone').click()
  await expect(dialog.getByRole('region', { name: 'rclone' })).toContainText('force_path_style = true')
  await dialog.getByRole('button', { name: 'I have kept the secret' }).click()
  await expect(page.getByRole('row', { name: /Backup/ })).toContainText('Never')
  await expect(page.getByText(secret)).toHaveCount(0)

  expect(await whoami(house.s3, id, secret)).toBe(200)
  await page.reload()
  await expect(page.getByRole('row', { name: /Backup/ })).toContainText('127.0.0.1')
  await page.getByRole('button', { name: 'Revoke Backup' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByRole('row', { name: /Backup/ })).toContainText('Revoked')
  await expect.poll(() => whoami(house.s3, id, secret)).toBe(403)
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The status of `GetCallerIdentity`, signed with SigV4 by hand. */
async function whoami(endpoint: string, id: string, secret: string): Promise<number> {
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  const host = new URL(endpoint).host
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${at.slice(0, 8)}/us-east-1/sts/aws4_request`
  const request = ['POST', '/', '', `host:${host}`, `x-amz-date:${at}`, '', 'host;x-amz-date', sha256(body)].join('\n')
  const key = scope.split('/').reduce<string | Buffer>((so, part) => hmac(so, part), `AWS4${secret}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', at, scope, sha256(request)].join('\n')).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`
  const headers = { authorization, 'x-amz-date': at, 'content-type': 'application/x-www-form-urlencoded' }
  return (await fetch(endpoint, { method: 'POST', headers, body })).status
}
