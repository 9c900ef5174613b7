/** Every method and notification of the protocol. */
import { COUNT_METHODS } from "./counting.ts";
import {
  limits,
  listedProbe,
  MAX_DELAY_NS,
  MAX_PID,
  MAX_SCHEDULE_NS,
  planned,
  probeId,
  probeRow,
  statistics,
  symbol,
} from "./objects.ts";
import type { NumberName } from "./numbers.ts";
import {
  boolean,
  choice,
  document,
  fraction,
  integer,
  list,
  nullable,
  object,
  type ObjectShape,
  only,
  optional,
  string,
  type ValueOf,
  withoutDefaults,
} from "./shape.ts";

/** A method as data. */
export interface MethodRow {
  /** What it does. */
  sentence: string;
  /** What else there is to know; empty where there is nothing. */
  details: string;
  params: ObjectShape;
  result: ObjectShape | ReturnType<typeof document>;
  /** The classes of errors that it answers besides those of every method. */
  errors: readonly NumberName[];
}

/** A notification of the server as data. */
export interface NotificationRow {
  sentence: string;
  params: ObjectShape;
}

const NS = { unit: "nanoseconds" } as const;
const nothing = object("None.", {});
const done = object("Empty.", {}, { name: "Done" });
const target = string("What to delay, `FILE:PLACE[%return]`; a glob or `/regex/` names several functions.", {
  minLength: 1,
  maxLength: 65_536,
});
const SPEC = "A delay with its schedule, `DELAY{,KEY=VALUE}`: `5us`, `exp:2us,every=10`.";

const scopeAsked = object(
  "The processes that a probe applies to; the caller and its descendants where it is absent.",
  {
    tree: optional(
      integer("The root of a process tree: a process, not a thread.", {
        unit: "process id",
        min: 1,
        max: MAX_PID,
      }),
    ),
    cgroup: optional(
      string("A folder of the cgroup hierarchy (version 2), those below included; root only.", {
        minLength: 1,
      }),
    ),
    system: optional(only("All processes; root only.")),
  },
  { name: "ScopeAsked", exactlyOne: ["tree", "cgroup", "system"] },
);

/** A delay and its schedule; what a specification names itself goes before these. */
const delayAsked = {
  spec: optional(string(SPEC, { minLength: 1 })),
  delay_ns: optional(integer("A fixed delay.", { ...NS, max: MAX_DELAY_NS })),
};
const scheduleAsked = {
  how: optional(
    choice("What a delay does: keep the processor, or give it away.", ["spin", "sleep"], { default: "spin" }),
  ),
  every: optional(integer("Every Nth hit is delayed.", { unit: "executions", min: 1, default: 1 })),
  probability: optional(
    fraction("Of being delayed, for each hit that `every` chose.", {
      unit: "probability",
      max: 1,
      default: 1,
    }),
  ),
  times: optional(
    nullable(integer("Delays at the most; null is no limit.", { unit: "delays" }), { default: null }),
  ),
  start_ns: optional(
    integer("Start of the window, after the probe became live.", { ...NS, max: MAX_SCHEDULE_NS, default: 0 }),
  ),
  duration_ns: optional(
    nullable(integer("Length of the window; null is for ever.", { ...NS, max: MAX_SCHEDULE_NS }), {
      default: null,
    }),
  ),
  compensate: optional(boolean("Whether the floor is subtracted from the delay.", { default: true })),
};

const addParams = object("A probe as it is asked for.", {
  target,
  ...delayAsked,
  scope: optional(scopeAsked),
  at: optional(choice("Entry or return; may not contradict a target's `%return`.", ["entry", "return"])),
  ...scheduleAsked,
  isolation: optional(choice(
    "How processes out of scope are kept free of the trap: by having no breakpoint, or by being turned away.",
    ["auto", "per-process", "shared"],
    { default: "auto" },
  )),
}, { name: "AddParams", exactlyOne: ["spec", "delay_ns"] });

const updateParams = object("A change of a probe; what is not named is kept.", {
  probe: probeId,
  ...delayAsked,
  ...withoutDefaults(scheduleAsked),
}, {
  name: "UpdateParams",
  atMostOne: ["spec", "delay_ns"],
  atLeastOne: [
    "spec",
    "delay_ns",
    "how",
    "every",
    "probability",
    "times",
    "start_ns",
    "duration_ns",
    "compensate",
  ],
});

const oneOrAll = object("One probe, or all of the session.", { probe: optional(probeId) });
const subscriptionId = string("The id of a subscription, `s1`.", { minLength: 1, maxLength: 64 });
const token = string("128 random bits, in hexadecimal.", {
  minLength: 32,
  maxLength: 32,
  pattern: "^[0-9a-f]{32}$",
});
const note = string("A sentence for people.", { maxLength: Number.MAX_SAFE_INTEGER });

const notes = list(
  "What the session's probes missed, and why: processes that were late or could not be followed.",
  note,
);

/** The methods, in the order in which they are documented. */
export const METHODS = {
  "rpc.discover": {
    sentence: "Describes every method as an OpenRPC document.",
    details: "It is made from the data that also checks parameters.",
    params: nothing,
    result: document("An OpenRPC 1.3 document."),
    errors: [],
  },
  "server.info": {
    sentence: "Tells what the server is and can do.",
    details: "",
    params: nothing,
    result: object("The server.", {
      version: string("The version of `sb`."),
      backends: list("What can carry probes out, the one in use first.", string("`ebpf` or `kmod`.")),
      features: list("What this kernel offers of what may be missing.", string("A feature.")),
      abi: integer("Of this protocol: methods and members may be added to it, none changes its meaning.", {
        unit: "version",
      }),
      pid: integer("The server's process.", { unit: "process id" }),
      uid: integer("The user that it runs as.", { unit: "user id" }),
      limits,
    }, { name: "ServerInfo" }),
    errors: [],
  },
  "probe.add": {
    sentence: "Adds probes, all or none.",
    details: "The answer says that they are live. What `spec` names itself goes before " +
      "the other parameters. They are undone with the session.",
    params: addParams,
    result: object("What was added.", {
      probes: list("One for each function that the target names.", probeRow),
    }, { name: "Probes" }),
    errors: ["not_found", "not_permitted", "unsupported", "busy", "quota", "refused"],
  },
  "probe.plan": {
    sentence: "Resolves and judges what `probe.add` would add, and applies nothing.",
    details: "",
    params: addParams,
    result: object("What would be added.", {
      probes: list("One for each function that the target names.", planned),
      notes: list("What a pattern left out, and why.", note),
    }, { name: "Plan" }),
    errors: ["not_found", "not_permitted", "unsupported", "quota", "refused"],
  },
  "probe.update": {
    sentence: "Changes a probe while it is live.",
    details: "Naming `times`, `every`, `start_ns` or `duration_ns` restarts that counter or window.",
    params: updateParams,
    result: done,
    errors: ["not_found", "not_permitted", "unsupported", "quota", "refused"],
  },
  "probe.remove": {
    sentence: "Removes a probe and answers its last figures.",
    details: "No further delay starts after the answer; those in flight end within 60 ms.",
    params: object("A probe.", { probe: probeId }),
    result: statistics,
    errors: ["not_found", "refused"],
  },
  "probe.list": {
    sentence: "Lists the probes of the session.",
    details: "",
    params: object("Which.", {
      all: optional(
        boolean("Those of all sessions: of every user for root, of one's own otherwise.", { default: false }),
      ),
    }),
    result: object("Probes, in the order in which they were added.", {
      probes: list("The probes.", listedProbe),
      notes,
    }, { name: "ProbeList" }),
    errors: [],
  },
  "probe.enable": {
    sentence: "Lets a probe, or all of the session, delay again.",
    details: "",
    params: oneOrAll,
    result: done,
    errors: ["not_found", "refused"],
  },
  "probe.disable": {
    sentence: "Keeps a probe, or all of the session, from delaying and counting.",
    details: "",
    params: oneOrAll,
    result: done,
    errors: ["not_found", "refused"],
  },
  "probe.clear": {
    sentence: "Removes a probe, or all of the session.",
    details: "Root may name a probe of any session.",
    params: oneOrAll,
    result: done,
    errors: ["not_found", "refused"],
  },
  "probe.stats": {
    sentence: "Answers what a probe, or each of the session, did so far.",
    details: "",
    params: oneOrAll,
    result: object("Figures.", { probes: list("One for each probe.", statistics), notes }, {
      name: "AllStats",
    }),
    errors: ["not_found"],
  },
  "stats.subscribe": {
    sentence: "Sends `stats.tick` at an interval, until `stats.unsubscribe` or the end of the session.",
    details: "",
    params: object("How often.", {
      interval_ns: integer("From one to the next.", { ...NS, min: 10_000_000, max: 3_600_000_000_000 }),
    }),
    result: object("A subscription.", { subscription: subscriptionId }, { name: "Subscribed" }),
    errors: ["busy"],
  },
  "stats.unsubscribe": {
    sentence: "Ends a subscription.",
    details: "No tick of it follows the answer.",
    params: object("Which.", { subscription: subscriptionId }),
    result: done,
    errors: ["not_found"],
  },
  "symbols.search": {
    sentence: "Lists symbols of a file.",
    details: "",
    params: object("Which.", {
      file: string("A path, or the name of a library as in a target.", { minLength: 1, maxLength: 4096 }),
      pattern: optional(
        string("A part of a name, a glob or `/regex/`; all symbols where it is absent.", { minLength: 1 }),
      ),
      limit: optional(
        integer("Symbols at the most.", { unit: "symbols", min: 1, max: 10_000, default: 1000 }),
      ),
      pid: optional(
        integer("A process in whose mount namespace the file is.", {
          unit: "process id",
          min: 1,
          max: MAX_PID,
        }),
      ),
    }),
    result: object("Symbols.", {
      symbols: list("In the order of the file.", symbol),
      truncated: boolean("Whether there are more."),
    }, { name: "Symbols" }),
    errors: ["not_found", "not_permitted", "unsupported", "quota", "refused"],
  },
  ...COUNT_METHODS,
  "session.detach": {
    sentence: "Keeps the session's probes and counts for a while, for another connection to resume.",
    details: "The connection goes on with a new, empty session; its subscriptions end.",
    params: object("How long.", {
      ttl_ns: integer("1 s to 1 h, from now.", { ...NS, min: 1_000_000_000, max: 3_600_000_000_000 }),
    }),
    result: object("What resumes it.", { token }, { name: "Detached" }),
    errors: ["quota"],
  },
  "session.resume": {
    sentence: "Takes a detached session over.",
    details:
      "Only for the user that detached it; the connection's own session must be empty. Its counts keep their ids.",
    params: object("Which.", { token }),
    result: object("What it has.", { probes: list("Its probes.", probeRow) }, { name: "Probes" }),
    errors: ["not_found", "busy"],
  },
} as const satisfies Readonly<Record<string, MethodRow>>;

/** What the server sends unasked. */
export const NOTIFICATIONS = {
  "stats.tick": {
    sentence: "The figures of the session's probes, for a subscription.",
    params: object("Figures at a moment.", {
      subscription: subscriptionId,
      at_ns: integer("When they were read, by CLOCK_MONOTONIC.", NS),
      probes: list("One for each probe.", statistics),
    }, { name: "Tick" }),
  },
  "probe.ended": {
    sentence: "A probe is no longer there, and the session did not ask for it.",
    params: object("Which, and why.", {
      probe: probeId,
      why: choice(
        "The last process of its tree ended; root removed it; `expired` is for probes with an end of their own, which none has yet.",
        [
          "scope empty",
          "removed",
          "expired",
        ],
      ),
    }, { name: "Ended" }),
  },
} as const satisfies Readonly<Record<string, NotificationRow>>;

/** The name of a method. */
export type MethodName = keyof typeof METHODS;

/** The name of a notification. */
export type NotificationName = keyof typeof NOTIFICATIONS;

/** What a method takes. */
export type ParamsOf<M extends MethodName> = ValueOf<typeof METHODS[M]["params"]>;

/** What a method answers. */
export type ResultOf<M extends MethodName> = ValueOf<typeof METHODS[M]["result"]>;

/** What a notification carries. */
export type NotificationParamsOf<N extends NotificationName> = ValueOf<typeof NOTIFICATIONS[N]["params"]>;

/** Whether there is such a method. */
export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name);
}
