/** Keeps a command of sb out of the scopes of pinned probes. */
import { BpfMap, openPinned, readMapInfo } from "../../../../ffi/mod.ts";
import { MEMBER } from "../layout.ts";
import { pinsIn, PLACE } from "./place.ts";
import { excludeSelf } from "./scopes.ts";

/** Takes this process out of the scopes of pinned probes, where there are any of this version; an exec ends that. */
export function standAside(): void {
  // Without the exit tracker nobody would take the entry out again.
  if (!pinsIn(PLACE.trackers).includes("exit")) return;
  using fd = openPinned(`${PLACE.maps}/tree`);
  if (fd === null) return;
  const info = readMapInfo(fd);
  if (info.valueBytes === MEMBER.sizeBytes) excludeSelf(new BpfMap("tree", info, fd));
}
