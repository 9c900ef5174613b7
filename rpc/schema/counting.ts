/** The methods that count kernel operations, and what they answer. */
import { MAX_PID } from "./objects.ts";
import { boolean, choice, integer, list, nullable, object, optional, string } from "./shape.ts";

const NS = { unit: "nanoseconds" } as const;
const CALLS = { unit: "executions" } as const;
const PROCESSES = { unit: "processes" } as const;

const countId = string("The id of a count, `c1`.", { minLength: 1, maxLength: 64 });

/** What processes caused; interrupts are charged to nobody. */
const figures = {
  kmalloc: integer("Calls of `__kmalloc`: allocations whose size is no constant.", CALLS),
  kfree: integer("Calls of `kfree`.", CALLS),
  kmalloc_bytes: integer("Bytes asked for in those calls of `__kmalloc` that succeeded.", { unit: "bytes" }),
  kfree_bytes: integer("Bytes freed of what counted processes had asked for.", { unit: "bytes" }),
  sched: integer("Calls of `schedule`.", CALLS),
  up: integer("Calls of `up`.", CALLS),
  down: integer("Calls of `down_interruptible`.", CALLS),
  lock: integer("Calls of `mutex_lock`.", CALLS),
  unlock: integer("Calls of `mutex_unlock`.", CALLS),
  unknown: integer("Calls of `kfree`, part of `kfree`, of memory of unknown size.", CALLS),
};

const countedProcess = object("A process of a counted tree, with what it did since it is counted.", {
  row: integer("Rises with each process that comes into the tree.", { unit: "row" }),
  pid: nullable(
    integer("Its id, as the server sees it; null where it has none there.", { unit: "process id" }),
  ),
  comm: string("The name of its main thread, the last that it had."),
  root: boolean("Whether it is the root of the tree."),
  state: choice("`left`: it executed a program with other rights, and is not counted since.", [
    "live",
    "ended",
    "left",
  ]),
  counted_ns: integer("How long it has been counted.", NS),
  ...figures,
}, { name: "CountedProcess" });

const reading = object("A count as it was at a moment.", {
  count: countId,
  pid: integer("The root of the tree, as the server sees it.", { unit: "process id" }),
  at_ns: integer("When it was read, by CLOCK_MONOTONIC.", NS),
  known: integer("Processes that there are figures of.", PROCESSES),
  live: integer("Those of them that have neither ended nor left.", PROCESSES),
  processes: list("By rising row; the root comes first.", countedProcess),
  has_more: boolean("Whether there are processes behind the last of these."),
  total: object("The sum over the tree, processes that ended included.", figures, { name: "CountFigures" }),
  dropped: integer("Ended processes whose figures are in the total only.", PROCESSES),
  missed: integer("Descendants that could not be followed: nothing of them is in the figures.", PROCESSES),
  untracked: integer("Allocations, of whomever, that found the tracer's table of sizes full.", CALLS),
}, { name: "CountReading" });

/** `count.*`. */
export const COUNT_METHODS = {
  "count.add": {
    sentence: "Counts what a process tree makes the kernel do, from now on.",
    details:
      "It needs the kernel module tracer. Processes that end stay in the figures. The count ends with the session.",
    params: object("Which.", {
      pid: optional(
        integer("The root of a process tree: a process, not a thread; the caller where it is absent.", {
          unit: "process id",
          min: 1,
          max: MAX_PID,
        }),
      ),
    }),
    result: object("A count.", {
      count: countId,
      pid: integer("The root of the tree, as the server sees it.", { unit: "process id" }),
    }, { name: "Counting" }),
    errors: ["not_found", "not_permitted", "unsupported", "quota", "refused"],
  },
  "count.remove": {
    sentence: "Ends a count and answers its last figures.",
    details: "Of its processes the first 1000.",
    params: object("Which.", { count: countId }),
    result: reading,
    errors: ["not_found", "refused"],
  },
  "count.read": {
    sentence: "Answers what was counted so far.",
    details: "The total is that of the whole tree, whichever of its processes are asked for.",
    params: object("Which.", {
      count: countId,
      after: optional(integer("Processes with a row above this one.", { unit: "row", default: 0 })),
      limit: optional(
        integer("Processes at the most.", { unit: "processes", max: 10_000, default: 1000 }),
      ),
    }),
    result: reading,
    errors: ["not_found", "refused"],
  },
} as const;
