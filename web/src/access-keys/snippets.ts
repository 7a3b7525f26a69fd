/** What a person pastes into the configuration of a tool. */
import type { MadeKey } from '../api/types'

export interface Snippet {
  tool: string
  text: string
}

export function snippets(made: MadeKey): Snippet[] {
  return [
    { tool: 'AWS CLI', text: awsCli(made) },
    { tool: 'rclone', text: rclone(made) },
    { tool: 's3fs', text: s3fs(made) },
  ]
}

function awsCli(made: MadeKey): string {
  const profile = nameFor(made.key.name)
  return [
    '# ~/.aws/config',
    `[profile ${profile}]`,
    `aws_access_key_id = ${made.key.id}`,
    `aws_secret_access_key = ${made.secret_access_key}`,
    `region = ${made.region}`,
    ...(made.endpoint ? [`endpoint_url = ${made.endpoint}`] : []),
    '',
    '# Then',
    `aws --profile ${profile} s3 ls ${quoted(`s3://${made.bucket}/${made.prefix}`)}`,
  ].join('\n')
}

function rclone(made: MadeKey): string {
  const remote = nameFor(made.key.name)
  return [
    '# ~/.config/rclone/rclone.conf',
    `[${remote}]`,
    'type = s3',
    'provider = Other',
    `access_key_id = ${made.key.id}`,
    `secret_access_key = ${made.secret_access_key}`,
    `region = ${made.region}`,
    ...(made.endpoint ? [`endpoint = ${made.endpoint}`] : []),
    'force_path_style = true',
    'no_check_bucket = true',
    '',
    '# Then',
    `rclone ls ${quoted(`${remote}:${made.bucket}/${made.prefix}`)}`,
  ].join('\n')
}

function s3fs(made: MadeKey): string {
  const file = `~/.passwd-s3fs-${nameFor(made.key.name)}`
  const place = made.prefix === '' ? made.bucket : `${made.bucket}:/${made.prefix.replace(/\/$/, '')}`
  const options = [
    `passwd_file=${file}`,
    ...(made.endpoint ? [`url=${made.endpoint}`] : []),
    `endpoint=${made.region}`,
    'use_path_request_style',
    'compat_dir',
  ]
  return [
    `(umask 077; echo ${quoted(`${made.key.id}:${made.secret_access_key}`)} > ${file})`,
    'mkdir -p ~/wellhouse',
    `s3fs ${quoted(place)} ~/wellhouse ${options.map((option) => `-o ${option}`).join(' ')}`,
  ].join('\n')
}

/** A name that configuration files and shells take as it is. */
function nameFor(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '')
  return plain === '' ? 'wellhouse' : plain
}

/** A word that the shell takes as it is. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
