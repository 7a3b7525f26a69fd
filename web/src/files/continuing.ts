/** Whoever opens a folder out of the list goes on in the list of that folder, and not at the top of the page. */
let expected = false

export function goOnInNextGrid(): void {
  expected = true
}

/** Whether the grid that appears now is that one; it is so only once. */
export function isNextGrid(): boolean {
  const is = expected
  expected = false
  return is
}
