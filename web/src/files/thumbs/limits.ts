/** What a picture may cost to be made small. */

/** Larger files have no thumbnail. */
export const BYTES_MAX = 20 << 20
/** Some 120 MiB when decoded. */
export const PIXELS_MAX = 32_000_000
/** The longer edge of a thumbnail. */
export const EDGE_PX = 256
/** After that the worker is ended, with whatever it decodes. */
export const MAKING_MS = 2_000
/** So long its bytes may take to come. */
export const FETCHING_MS = 20_000
/** Kept in memory, each at most 256 KiB. */
export const KEPT_MAX = 100
