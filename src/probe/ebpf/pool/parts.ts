/** What the probes of a pool share. */
import type { EbpfFeatures } from "../features.ts";
import type { Closing } from "./closing.ts";
import type { Floors } from "./floors.ts";
import type { Gate } from "./gate.ts";
import type { EbpfPoolProbe } from "./probe.ts";
import type { Segments } from "./segments.ts";
import type { Tables } from "./tables.ts";
import type { Telling } from "./telling.ts";
import type { TreeScopes } from "./tree_scopes.ts";

/** The parts of a pool, and what its probes tell it. */
export interface PoolParts {
  readonly features: EbpfFeatures;
  readonly segments: Segments;
  readonly tables: Tables;
  readonly floors: Floors;
  readonly closing: Closing;
  /** Forked processes that get their breakpoints at a time: a tree that forks without end must not keep others from theirs. */
  readonly arming: Gate;
  readonly trees: TreeScopes;
  readonly telling: Telling;
  /** A probe begins to count, or does not any more. */
  switched(probe: EbpfPoolProbe): void;
  /** A probe is gone; its scope may be given back. @param left settles when its breakpoints have left */
  removed(probe: EbpfPoolProbe, left: Promise<void>): void;
  /** A process could not be followed. */
  countUntracked(): void;
}
