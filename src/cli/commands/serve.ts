/** `sb serve`. */
import { DEFAULT_LIMITS, dropPrivileges, type Limits, Log, Server } from "../../../rpc/server/mod.ts";
import { nearestNames, parseDelayTime, SbError } from "../../core/mod.ts";
import { notifyServiceManager } from "../../sys/mod.ts";
import { LogSink } from "../output/server_log.ts";
import { stdoutSink } from "../output/sink.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";
import { LIMIT_NAMES, type UNIT_NAMES } from "../table/serving.ts";
import { VERSION } from "../version.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const MOST = 1_000_000;

function readCount(text: string, written: string): number {
  if (/^\d{1,7}$/.test(text) && Number(text) <= MOST) return Number(text);
  throw new SbError("usage.option", `Cannot read "${written}": it is not a number from 0 to ${MOST}`);
}

/** The limits of users, from `--limit NAME=VALUE`. @throws SbError `usage.option`, `usage.time` */
export function readLimits(written: readonly string[]): Limits {
  const limits = { ...DEFAULT_LIMITS };
  for (const option of written) {
    const equals = option.indexOf("=");
    const [name, value] = [option.slice(0, Math.max(equals, 0)), option.slice(equals + 1)];
    switch (name as typeof LIMIT_NAMES[number]) {
      case "connections":
        limits.connections = readCount(value, `--limit ${option}`);
        break;
      case "probes":
        limits.probes = readCount(value, `--limit ${option}`);
        break;
      case "counts":
        limits.counts = readCount(value, `--limit ${option}`);
        break;
      case "delay":
        limits.delayNs = parseDelayTime(value);
        break;
      default: {
        const [nearest] = nearestNames(name || option, LIMIT_NAMES, 1);
        throw new SbError(
          "usage.option",
          `Cannot read "--limit ${option}": it is not NAME=VALUE with one of ${LIMIT_NAMES.join(", ")}${
            nearest === undefined ? "" : ` (did you mean ${nearest}=…?)`
          }`,
        );
      }
    }
  }
  return limits;
}

/** Resolves with the first signal that ends the server; later ones change nothing. */
function untilSignal(): { signal: Promise<string>; remove: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  const listeners = SIGNALS.map((name) => [name, () => resolve(name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  return {
    signal: promise,
    remove: () => listeners.forEach(([name, listener]) => Deno.removeSignalListener(name, listener)),
  };
}

async function printUnit(name: typeof UNIT_NAMES[number]): Promise<number> {
  const { UNITS } = await import("../units.ts");
  using stdout = stdoutSink();
  stdout.write(UNITS[name]);
  return 0;
}

/** Serves until a signal says that it is enough. @returns the exit status */
export async function serveCommand(invocation: Invocation): Promise<number> {
  const unit = optionValue(invocation, "unit");
  if (unit !== undefined) return await printUnit(unit as typeof UNIT_NAMES[number]);
  const limits = readLimits(invocation.options.get("limit") ?? []);
  const restricted = dropPrivileges();
  const json = hasOption(invocation, "json") || optionValue(invocation, "log") === "json";
  await using sink = new LogSink(Deno.stderr, { json });
  const quiet = hasOption(invocation, "quiet");
  const log = new Log((record) => {
    if (!quiet || record.level !== "info") sink.take(record);
  });
  if (!restricted) log.warn("capabilities.kept", { why: "CAP_SETPCAP is missing" });
  const { signal, remove } = untilSignal();
  try {
    await using server = await Server.start({
      socket: optionValue(invocation, "socket") ?? null,
      backend: (optionValue(invocation, "backend") ?? "auto") as "auto" | "ebpf" | "kmod",
      limits,
      version: VERSION,
      log,
    });
    log.info("server.ready", { pid: Deno.pid, uid: Deno.uid(), socket: server.path, version: VERSION });
    notifyServiceManager("READY=1");
    log.info("server.ending", { signal: await signal });
    notifyServiceManager("STOPPING=1");
  } finally {
    remove();
  }
  log.info("server.ended");
  return 0;
}
