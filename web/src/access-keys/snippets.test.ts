import { expect, test } from 'vitest'
import type { MadeKey } from '../api/types'
import { snippets } from './snippets'

const made: MadeKey = {
  key: {
    id: 'AKIAAAAAAAAAAAAAAAAA',
    name: 'Nightly “backup”!',
    standing: 'active',
    location: '1',
    actions: null,
    created: '2026-01-01T00:00:00Z',
    expires: '2026-02-01T00:00:00Z',
    used: null,
  },
  secret_access_key: 'se/cret+',
  endpoint: 'https://s3.example.org',
  region: 'eu-north-1',
  bucket: 'wellhouse',
  prefix: "team/it's/",
}

test('a snippet holds the key, the place, and nothing that a shell would take apart', () => {
  const texts = snippets(made)
  expect(texts.map(({ tool }) => tool)).toEqual(['AWS CLI', 'rclone', 's3fs'])
  for (const { text } of texts) {
    expect(text).toContain('AKIAAAAAAAAAAAAAAAAA')
    expect(text).toContain('se/cret+')
    expect(text).toContain('https://s3.example.org')
    expect(text).toContain('nightly-backup')
    expect(text).toContain(String.raw`it'\''s`)
  }
})

test('Amazon’s own endpoint is not named', () => {
  for (const { text } of snippets({ ...made, endpoint: null, prefix: '' })) expect(text).not.toMatch(/endpoint_url|^endpoint =|url=/m)
})
