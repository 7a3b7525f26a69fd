/** Opening a file again after a reload, where the browser can (Chromium); needs the click of a person. */
declare global {
  interface FileSystemFileHandle {
    /** Chromium only. */
    requestPermission?(options: { mode: 'read' }): Promise<PermissionState>
  }
}

export async function mayRead(handle: FileSystemFileHandle): Promise<boolean> {
  return (await handle.requestPermission?.({ mode: 'read' })) === 'granted'
}
