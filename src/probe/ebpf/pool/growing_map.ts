/** Hash maps that take memory as they fill, where the kernel lets programs of probes use such maps. */
import { BpfMap, MAP_NO_PREALLOC, MapType } from "../../../../ffi/mod.ts";
import type { EbpfFeatures } from "../features.ts";
import { SET_MEMBER } from "../layout.ts";
import { MAX_TREE } from "../tree.ts";

/**
 * A hash map by a number. Before 6.1 the elements of maps that such programs use must be allocated with the map (kernel
 * commits 34dd3bad1a6f, 02cc5aa29e8c): kernels without uprobe_multi (6.6) get that.
 *
 * @param options.allocated entries where all are allocated with the map
 */
export function growingMap(
  name: string,
  { valueBytes, entries, allocated = entries }: { valueBytes: number; entries: number; allocated?: number },
  { uprobeMulti }: EbpfFeatures,
): BpfMap {
  return new BpfMap(name, {
    type: MapType.hash,
    keyBytes: 4,
    valueBytes,
    entries: uprobeMulti ? entries : allocated,
    flags: uprobeMulti ? MAP_NO_PREALLOC : 0,
  });
}

/** Global process id → the set that it is in. */
export function treeMap(name: string, features: EbpfFeatures, entries = MAX_TREE): BpfMap {
  return growingMap(name, { valueBytes: SET_MEMBER.sizeBytes, entries }, features);
}
