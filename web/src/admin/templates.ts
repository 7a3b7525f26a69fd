/** Statements to begin with. `BUCKET` is the estate's first bucket, `team` stands for a folder. */

export type Template = 'browse' | 'dropBox' | 'home' | 'team' | 'timeLimited' | 'ipLimited'

export const TEMPLATES: readonly Template[] = ['browse', 'dropBox', 'home', 'team', 'timeLimited', 'ipLimited']

interface Statement {
  Sid: string
  Effect: 'Allow'
  Action: string | string[]
  Resource: string | string[]
  Condition?: Record<string, Record<string, string | string[]>>
}

const READ = ['s3:GetObject', 's3:GetObjectVersion', 's3:GetObjectTagging']
const WORK = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts']

/** The statements of a template; `year` is when what is limited in time ends. */
export function statements(template: Template, bucket: string, year: number): readonly Statement[] {
  const arn = `arn:aws:s3:::${bucket}`
  const list = (sid: string, prefix: string): Statement => ({
    Sid: sid,
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: arn,
    Condition: { StringLike: { 's3:prefix': prefix } },
  })
  const allow = (sid: string, action: string[], at: string): Statement => ({ Sid: sid, Effect: 'Allow', Action: action, Resource: `${arn}/${at}` })
  switch (template) {
    case 'browse':
      return [list('BrowseTeam', 'team/*'), allow('ReadTeam', READ, 'team/*')]
    case 'dropBox':
      return [allow('Drop', ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], 'inbox/*')]
    case 'home': {
      // The variable is IAM's, and not ours to fill in.
      const home = 'home/${aws:PrincipalTag/uid}/*'
      return [list('BrowseHome', home), allow('WorkAtHome', WORK, home)]
    }
    case 'team':
      return [list('BrowseTeam', 'team/*'), allow('WorkInTeam', WORK, 'team/*')]
    case 'timeLimited':
      return [{ ...allow('ReadUntil', READ, 'team/*'), Condition: { DateLessThan: { 'aws:CurrentTime': `${String(year)}-01-01T00:00:00Z` } } }]
    case 'ipLimited':
      return [{ ...allow('ReadFromOffice', READ, 'team/*'), Condition: { IpAddress: { 'aws:SourceIp': ['192.0.2.0/24', '2001:db8::/32'] } } }]
  }
}

/** The document with further statements at its end; `undefined`, where it is no policy that could take them. */
export function withStatements(document: string, more: readonly Statement[]): string | undefined {
  try {
    const read: unknown = JSON.parse(document)
    if (typeof read !== 'object' || read === null || !('Statement' in read)) return undefined
    const own: unknown[] = Array.isArray(read.Statement) ? read.Statement : [read.Statement]
    return JSON.stringify({ ...read, Statement: [...own, ...more] }, null, 2)
  } catch {
    return undefined
  }
}
