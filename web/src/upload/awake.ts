/** While files go up the device does not fall asleep, and what is remembered of them is not cleared away; where the browser can. */
interface Busy {
  readonly busy: boolean
  subscribe(listener: () => void): () => void
}

type Browser = Pick<Navigator, 'storage'> & { wakeLock?: WakeLock }

export function keepAwake(engine: Busy, browser: Browser = navigator, page: EventTarget & { visibilityState: string } = document): void {
  let lock: WakeLockSentinel | undefined
  let asking = false
  let persisted = false
  const look = (): void => {
    if (!engine.busy) {
      void lock?.release().catch(() => undefined)
      lock = undefined
    } else if (lock === undefined && !asking && page.visibilityState === 'visible') void hold()
    if (engine.busy && !persisted) {
      persisted = true
      browser.storage?.persist?.().catch(() => undefined)
    }
  }
  const hold = async (): Promise<void> => {
    asking = true
    // A battery that is low may refuse.
    lock = await browser.wakeLock?.request('screen').catch(() => undefined)
    asking = false
    // The browser takes it back when the page is hidden.
    lock?.addEventListener('release', () => (lock = undefined))
    if (!engine.busy) look()
  }
  engine.subscribe(look)
  page.addEventListener('visibilitychange', look)
}
