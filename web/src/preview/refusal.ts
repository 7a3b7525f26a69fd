/** What the store said when it gave no bytes. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string) {
    super(`the store answered ${status}`)
    this.status = status
    this.code = code
  }
}

/** No answer at all came from the store; an abandoned request stays what it is. */
export function noAnswer(cause: unknown): unknown {
  return cause instanceof DOMException && cause.name === 'AbortError' ? cause : new StoreRefusal(0, 'unreachable')
}

export async function refusalOfStore(answer: Response): Promise<StoreRefusal> {
  const document = await answer.text().catch(() => '')
  return new StoreRefusal(answer.status, /<Code>(\w+)<\/Code>/.exec(document)?.[1] ?? String(answer.status))
}
