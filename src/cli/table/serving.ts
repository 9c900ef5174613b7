/** The commands of the server: serve, call. Data only. */
import type { CommandRow } from "./model.ts";

/** What `--limit` can name. */
export const LIMIT_NAMES = ["connections", "probes", "counts", "delay"] as const;

/** What `--unit` can name: the files of rpc/systemd. */
export const UNIT_NAMES = ["sb.service", "sb.socket"] as const;

/** `sb serve`. */
export const SERVE: CommandRow = {
  name: "serve",
  summary: "Serve probes to other programs: JSON-RPC on a Unix socket",
  forms: ["[OPTIONS]"],
  description: [
    "Listens at a Unix socket. What a client adds is its own, applies to its own process tree unless it says otherwise, and is undone when its connection closes, however it ends. docs/rpc.md has the protocol, docs/server.md the rest.",
    "The server needs root, and lets in root, the group sb and, at a socket that everybody may reach, any user: of processes it slows for a user only those that the kernel would let that user read.",
    "SIGTERM and SIGINT end it: what was asked is answered, and it exits when no probe is left.",
  ],
  options: [
    {
      long: "socket",
      value: "PATH",
      completion: "file",
      help: "Listen at PATH (default /run/sb/sb.sock as root, otherwise $XDG_RUNTIME_DIR/sb.sock)",
    },
    {
      long: "backend",
      value: "NAME",
      choices: ["auto", "ebpf", "kmod"],
      help: "What carries probes out (default auto: eBPF, the module for delays that sleep)",
    },
    {
      long: "limit",
      value: "NAME=VALUE",
      repeat: true,
      help:
        "Of a user who is not root: connections=16, probes=64, counts=16, delay=10ms (of one hit); these are the defaults",
    },
    {
      long: "log",
      value: "FORM",
      choices: ["text", "json"],
      help: "How events are written to stderr (default text; --json is the same as --log json)",
    },
    {
      long: "unit",
      value: "NAME",
      choices: UNIT_NAMES,
      help: "Print that unit for systemd, and serve nothing; ExecStart is /usr/bin/sb",
    },
  ],
  operands: [],
  sections: [
    {
      title: "SYSTEMD",
      lines: [
        "The units sb.socket and sb.service start it when the first client connects:",
        "it takes the socket it is passed, and says READY=1 and STOPPING=1.",
      ],
    },
    {
      title: "EXIT STATUS",
      lines: ["0 ended by SIGTERM, SIGINT or SIGHUP, 1 it cannot listen, 2 usage"],
    },
  ],
  examples: [
    { line: "sudo sb serve", what: "for root and the group sb" },
    {
      line: "sudo sb serve --limit probes=256 --limit delay=100ms",
      what: "more than the default for users",
    },
    { line: "sudo sb serve --socket ./sb.sock --log json", what: "somewhere else; events as JSON" },
  ],
};

/** `sb call`. */
export const CALL: CommandRow = {
  name: "call",
  summary: "Call a method of the server and print what it answers",
  forms: ["[OPTIONS] METHOD [JSON]", "[OPTIONS] METHOD [KEY=VALUE]…"],
  description: [
    "Parameters are one JSON object, or words KEY=VALUE: a value that is JSON (a number, true, an object) is taken as that, any other as text. Dots reach into objects: scope.tree=1234.",
    "What a call adds ends with it, unless it waits: stats.subscribe prints its ticks until Ctrl-C, and --wait keeps the session until then.",
  ],
  options: [
    {
      long: "socket",
      value: "PATH",
      completion: "file",
      help: "Connect to PATH (default $SB_SOCKET, /run/sb/sb.sock or $XDG_RUNTIME_DIR/sb.sock)",
    },
    { long: "wait", short: "w", help: "Keep the session, and print notifications, until Ctrl-C" },
  ],
  operands: ["METHOD", "[PARAMS]"],
  repeatsLast: true,
  sections: [{
    title: "EXIT STATUS",
    lines: [
      "0 ok, 1 it failed, 2 usage, 3 not supported here, 4 permission, 5 no server,",
      "70 internal: by the class of the error that the server answers",
    ],
  }],
  examples: [
    { line: "sb call server.info", what: "what it is and can do" },
    {
      line: "sb call --wait probe.add target=libc.so.6:malloc spec=5us,every=10 scope.tree=1234",
      what: "slow process 1234 until Ctrl-C",
    },
    { line: `sb call probe.list '{"all":true}' --json | jq .result.probes`, what: "for a script" },
    { line: "sb call symbols.search file=libc.so.6 pattern='mem*'", what: "what can be a target" },
  ],
};
