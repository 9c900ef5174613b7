/** `probe.*`. */
import type { Probe } from "../../../mod.ts";
import { SbError } from "../../../src/core/mod.ts";
import type { ClientSession } from "../client_session.ts";
import type { Library } from "../engine.ts";
import type { HeldProbe } from "../held_probes.ts";
import type { ResultOf } from "../../schema/mod.ts";
import type { Caller, MethodContext, Methods } from "./table.ts";

/** A probe of a session of this server. */
type Row = ResultOf<"probe.add">["probes"][number];
/** The same, or one that another process made. */
type ListedRow = ResultOf<"probe.list">["probes"][number];
type Figures = ResultOf<"probe.remove">;

/** The figures of a probe. */
export function figuresOf({ statisticsDocument }: Library, { probe }: HeldProbe): Figures {
  return { id: probe.id, ...statisticsDocument(probe.stats()) } as Figures;
}

function rowsOf({ probeDocument }: Library, held: readonly HeldProbe[]): Row[] {
  return held.map(({ probe, owner }) => probeDocument(probe, { owner }) as Row);
}

/** The rows of a session's live probes. */
export async function sessionRows(context: MethodContext, session: ClientSession): Promise<Row[]> {
  const live = session.probes.live();
  return live.length === 0 ? [] : rowsOf(await context.engine.library(), live);
}

/** What is pinned or in the module, besides the probes of this server. */
async function foreignRows({ listProbes, listedDocument }: Library): Promise<ListedRow[]> {
  const { probes } = await listProbes({ backend: "auto", all: true });
  return probes.filter(({ owner }) => owner?.pid !== Deno.pid).map((probe) =>
    listedDocument(probe) as ListedRow
  );
}

async function allRows(context: MethodContext, { peer }: Caller): Promise<ListedRow[]> {
  const library = await context.engine.library();
  const sessions = [...context.sessions()].filter(({ uid }) => peer.isRoot || uid === peer.uid);
  const own = sessions.flatMap((session) => rowsOf(library, session.probes.live()));
  return peer.isRoot ? [...own, ...await foreignRows(library)] : own;
}

/** The probes that are meant: one, or all that live. */
function meant({ session }: Caller, id: string | undefined): HeldProbe[] {
  return id === undefined ? session.probes.live() : [session.probes.get(id)];
}

/** Does it to one, or to all but those that end meanwhile. */
async function onEach(
  caller: Caller,
  id: string | undefined,
  act: (probe: Probe) => Promise<void>,
): Promise<void> {
  for (const { probe } of meant(caller, id)) {
    try {
      await act(probe);
    } catch (error) {
      const hasEnded = error instanceof SbError && error.code === "probe.not_found";
      if (id !== undefined || !hasEnded) throw error;
    }
  }
}

/** A probe of any session, for root. */
function findAnywhere(
  context: MethodContext,
  id: string,
): { session: ClientSession; held: HeldProbe } | undefined {
  for (const session of context.sessions()) {
    if (session.probes.has(id)) return { session, held: session.probes.get(id) };
  }
  return undefined;
}

async function clearOne(context: MethodContext, { peer, session }: Caller, id: string): Promise<void> {
  const other = peer.isRoot && !session.probes.has(id) ? findAnywhere(context, id) : undefined;
  if (other !== undefined) {
    context.log.info("probe.cleared", { session: other.session.number, probe: id, by: session.number });
    await other.session.remove(other.held, { isExpected: false });
  } else await session.remove(session.probes.get(id), { isExpected: true });
}

type Names =
  | "probe.add"
  | "probe.plan"
  | "probe.update"
  | "probe.remove"
  | "probe.list"
  | "probe.enable"
  | "probe.disable"
  | "probe.clear"
  | "probe.stats";

/** The methods of probes. */
export function probeMethods(context: MethodContext): Methods<Names> {
  const library = () => context.engine.library();
  return {
    async "probe.add"({ peer, session }, params) {
      const added = await session.add(peer, params);
      return { probes: rowsOf(await library(), added) };
    },
    async "probe.plan"({ peer, session }, params) {
      const { documents, notes } = await session.plan(peer, params);
      return { probes: documents as ResultOf<"probe.plan">["probes"], notes };
    },
    async "probe.update"({ session }, params) {
      await session.update(params);
      return {};
    },
    async "probe.remove"({ session }, { probe }) {
      const held = session.probes.get(probe);
      const report = await session.remove(held, { isExpected: true });
      const { statisticsDocument } = await library();
      return { id: probe, ...statisticsDocument(report) } as Figures;
    },
    async "probe.list"(caller, { all }) {
      return {
        probes: await (all === true ? allRows(context, caller) : sessionRows(context, caller.session)),
        notes: await caller.session.notes(),
      };
    },
    async "probe.enable"(caller, { probe }) {
      await onEach(caller, probe, (each) => each.enable());
      return {};
    },
    async "probe.disable"(caller, { probe }) {
      await onEach(caller, probe, (each) => each.disable());
      return {};
    },
    async "probe.clear"(caller, { probe }) {
      if (probe !== undefined) await clearOne(context, caller, probe);
      else {
        const { session } = caller;
        await Promise.all(session.probes.all().map((held) => session.remove(held, { isExpected: true })));
      }
      return {};
    },
    async "probe.stats"({ session }, { probe }) {
      const held = probe === undefined ? session.probes.all() : [session.probes.get(probe)];
      const notes = await session.notes();
      if (held.length === 0) return { probes: [], notes };
      const loaded = await library();
      return { probes: held.map((one) => figuresOf(loaded, one)), notes };
    },
  };
}
