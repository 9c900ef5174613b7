/** What the protocol bounds, for every peer alike. */

/** The longest line, in bytes, without its end: 1 MiB. */
export const LINE_BYTES = 1_048_576;

/** Arrays and objects within each other, the outermost counted. */
export const NESTING = 64;

/** Requests in a batch. */
export const BATCH_ITEMS = 1000;

/** Bytes that wait for a client that does not read, until it is cut off: 8 MiB. */
export const QUEUED_BYTES = 8_388_608;
