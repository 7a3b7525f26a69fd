/** The few kinds of access that a key is offered for, and the actions that each stands for. */

export type Access = 'all' | 'read' | 'upload'
export type KnownAccess = Access | 'some'

const READ = ['s3:Get*', 's3:List*']
const UPLOAD = ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:ListBucketMultipartUploads']

export function actionsFor(access: Access): string[] | null {
  if (access === 'all') return null
  return access === 'read' ? READ : UPLOAD
}

export function accessOf(actions: readonly string[] | null): KnownAccess {
  if (actions === null) return 'all'
  const are = (those: readonly string[]): boolean => those.length === actions.length && those.every((action) => actions.includes(action))
  if (are(READ)) return 'read'
  return are(UPLOAD) ? 'upload' : 'some'
}
