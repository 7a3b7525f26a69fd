/** The upload calls of the API, as the upload engine asks for them. */
import { client, finish, take } from './client'
import type { CompletedUpload, NewUpload, Part, SignedPart, Upload, UploadDetail, WholeFile } from './types'

export interface UploadApi {
  begin(form: NewUpload, signal: AbortSignal): Promise<Upload>
  unfinished(): Promise<Upload[]>
  detail(id: string, signal: AbortSignal): Promise<UploadDetail>
  sign(id: string, parts: Part[], signal: AbortSignal): Promise<SignedPart[]>
  /** Small files of one location, each to be sent by one request; in the same order. */
  signWhole(location: string, files: readonly WholeFile[]): Promise<SignedPart[]>
  /** With the entity tags of all parts, in their order, or none. */
  complete(id: string, crc: string, etags: readonly string[], signal: AbortSignal): Promise<CompletedUpload>
  abandon(id: string): Promise<void>
  /** The address of a part in the portal, where it is another than that of a person's own upload. */
  throughPortal?(id: string, part: Part): SignedPart
}

export const uploadApi: UploadApi = {
  begin: (body, signal) => take(client.POST('/api/v1/uploads', { body, signal })),
  unfinished: async () => (await take(client.GET('/api/v1/uploads'))).uploads,
  detail: (id, signal) => take(client.GET('/api/v1/uploads/{id}', { params: { path: { id } }, signal })),
  sign: async (id, parts, signal) => {
    const call = client.POST('/api/v1/uploads/{id}/parts', { params: { path: { id } }, body: { parts }, signal })
    return (await take(call)).parts
  },
  signWhole: async (id, files) => {
    const call = client.POST('/api/v1/locations/{id}/puts', { params: { path: { id } }, body: { files: [...files] } })
    return (await take(call)).parts
  },
  complete: (id, crc, etags, signal) =>
    take(client.POST('/api/v1/uploads/{id}/complete', { params: { path: { id } }, body: { crc, etags: [...etags] }, signal })),
  abandon: (id) => finish(client.DELETE('/api/v1/uploads/{id}', { params: { path: { id } } })),
}
