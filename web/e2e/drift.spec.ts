/** What somebody changed by hand stands on the page of the roles, and what others added beside it. */
import { apply, iam, readBack } from './support/estate'
import { expect, setUp, test } from './support/test'

test('a change by hand is shown to administrators until it is mended', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }] }
  await iam(house, 'update-assume-role-policy', '--role-name', 'AdminRole', '--policy-document', JSON.stringify(trust))
  await iam(house, 'tag-role', '--role-name', 'UploadRole', '--tags', 'Key=team,Value=harbour')
  await readBack(house)
  await admin.goto('/roles')
  const notice = admin.getByRole('alert').filter({ hasText: 'AdminRole' })
  await expect(notice).toContainText('replace the trust policy of role AdminRole')
  await expect(notice).toContainText('role UploadRole: tag team = harbour')
  await apply(house)
  await readBack(house)
  await admin.reload()
  await expect(admin.getByRole('status').filter({ hasText: 'as described' })).toContainText('role UploadRole: tag team = harbour')
})
