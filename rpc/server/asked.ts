/** From the parameters of the protocol to what the library is asked for. */
import type { ChangeAsked, PoolScope, ProbeAsked, ScheduleAsked } from "../../mod.ts";
import type { ParamsOf } from "../schema/mod.ts";
import type { Library } from "./engine.ts";

type AddParams = ParamsOf<"probe.add">;
type UpdateParams = ParamsOf<"probe.update">;

function delayAsked({ spec, delay_ns }: AddParams | UpdateParams) {
  return {
    ...(spec === undefined ? {} : { spec }),
    ...(delay_ns === undefined ? {} : { delayNs: delay_ns }),
  };
}

function scheduleAsked(params: AddParams | UpdateParams): ScheduleAsked {
  const { how, every, probability, times, start_ns, duration_ns, compensate } = params;
  return {
    ...(how === undefined ? {} : { how }),
    ...(every === undefined ? {} : { every }),
    ...(probability === undefined ? {} : { probability }),
    ...(times === undefined ? {} : { times }),
    ...(start_ns === undefined ? {} : { startNs: start_ns }),
    ...(duration_ns === undefined ? {} : { durationNs: duration_ns }),
    ...(compensate === undefined ? {} : { compensate }),
  };
}

/** A probe as it is asked for. @param scope what the peer may have */
export function probeAsked(params: AddParams, scope: PoolScope): ProbeAsked {
  const { target, at, isolation } = params;
  return {
    target,
    scope: scope.kind === "tree"
      ? { tree: scope.pid }
      : scope.kind === "cgroup"
      ? { cgroup: scope.path }
      : { system: true },
    ...(at === undefined ? {} : { at }),
    ...(isolation === undefined ? {} : { isolation }),
    ...delayAsked(params),
    ...scheduleAsked(params),
  };
}

/** A change as it is asked for. */
export function changeAsked(params: UpdateParams): ChangeAsked {
  return { ...delayAsked(params), ...scheduleAsked(params) };
}

/** The longest delay of a hit that is asked for; 0 where none is named. @throws SbError `usage.*` */
export function greatestAskedNs(library: Library, { spec, delay_ns }: AddParams | UpdateParams): number {
  if (spec !== undefined) return library.greatestDelayNs(library.parseChange(spec).delay);
  return delay_ns ?? 0;
}
