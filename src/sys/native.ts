/** Native calls that the server needs as they are. */
export { findGroup, monotonicNs, type OwnedFd } from "../../ffi/mod.ts";
