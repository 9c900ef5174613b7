/** Every stable error code with its exit code, JSON-RPC number and sentence. `docs/errors.md` is made from it. */

/** One row of the error table. */
export interface ErrorRow {
  /** Exit code of the command line (`cli.md`). */
  exit: 1 | 2 | 3 | 4 | 5 | 70;
  /** JSON-RPC error number (`rpc.md`). */
  rpc: number;
  /** What it means, one sentence. */
  sentence: string;
}

const USAGE = { exit: 2, rpc: -32602 } as const;
const NOT_FOUND = { exit: 1, rpc: -32001 } as const;
const NOT_PERMITTED = { exit: 4, rpc: -32002 } as const;
const UNSUPPORTED = { exit: 3, rpc: -32003 } as const;
const REFUSED = { exit: 1, rpc: -32006 } as const;

/** The table; keys are stable for ever. */
export const ERROR_TABLE = {
  "usage.option": {
    ...USAGE,
    sentence: "An option or command is unknown, is missing its value or may not stand there.",
  },
  "usage.time": { ...USAGE, sentence: "A time is malformed, inexact or out of range." },
  "usage.delay": { ...USAGE, sentence: "A delay specification (DELAY{,KEY=VALUE}) is malformed." },
  "usage.target": { ...USAGE, sentence: "A target does not follow the grammar FILE:PLACE[%return]." },
  "usage.scope": { ...USAGE, sentence: "A scope is missing, malformed, or this process itself." },
  "usage.sweep": { ...USAGE, sentence: "An experiment cannot be carried out as it is asked for." },
  "sweep.exists": {
    ...REFUSED,
    sentence: "There are results of that name; they are neither gone on with nor replaced unasked.",
  },
  "sweep.command": {
    ...REFUSED,
    sentence: "The command of an experiment failed, or gave no result, before the first cell.",
  },
  "sweep.empty": { ...REFUSED, sentence: "No cell of a sweep ended: there is nothing to analyse." },
  "sweep.journal": { ...REFUSED, sentence: "A file of cells is of another experiment, or damaged." },
  "usage.config": { ...USAGE, sentence: "A configuration file is malformed or has an unknown key." },
  "rpc.parse": {
    exit: 2,
    rpc: -32700,
    sentence: "A line is no JSON text, or not one that the server takes.",
  },
  "rpc.request": { exit: 2, rpc: -32600, sentence: "A JSON text is no request of JSON-RPC 2.0." },
  "rpc.method": {
    exit: 2,
    rpc: -32601,
    sentence: "There is no method of that name; the hint names the nearest.",
  },
  "rpc.params": {
    ...USAGE,
    sentence: "A parameter of a method is wrong, unknown or missing; data has its path.",
  },
  "file.not_found": { ...NOT_FOUND, sentence: "The file of a target, or a library name, was not found." },
  "file.not_elf": { ...NOT_FOUND, sentence: "The file is not an ELF file, or is damaged." },
  "file.script": {
    ...NOT_FOUND,
    sentence: "The file is a script; the message names the ELF that it runs when that is known.",
  },
  "file.machine": { ...NOT_FOUND, sentence: "The ELF file is of another machine, or cannot run." },
  "file.unreadable": { ...NOT_PERMITTED, sentence: "The file cannot be read." },
  "file.timeout": {
    exit: 1,
    rpc: -32005,
    sentence: "Reading the file with the client's rights took longer than a second.",
  },
  "file.parser": { ...REFUSED, sentence: "The process that read the file with the client's rights ended." },
  "probe.symbol_not_found": {
    ...NOT_FOUND,
    sentence: "No symbol of that name; the nearest names are listed.",
  },
  "probe.symbol_undefined": {
    ...NOT_FOUND,
    sentence: "The symbol is an import; the message names the library that defines it.",
  },
  "probe.symbol_data": { ...NOT_FOUND, sentence: "The symbol is data, not a function." },
  "probe.symbol_ifunc": {
    ...NOT_FOUND,
    sentence: "The symbol is an IFUNC; the message names the implementation in use.",
  },
  "probe.symbol_ambiguous": {
    ...NOT_FOUND,
    sentence: "A demangled name has several functions; the candidates are listed.",
  },
  "probe.no_lines": { ...NOT_FOUND, sentence: "The file has no line information for that source line." },
  "probe.site_not_executable": { ...NOT_FOUND, sentence: "The address is outside the executable segments." },
  "probe.site_inside_instruction": { ...NOT_FOUND, sentence: "The address is inside an instruction." },
  "probe.site_unprobeable": {
    ...NOT_FOUND,
    sentence: "The kernel cannot put a breakpoint on that instruction.",
  },
  "probe.return_unsafe": { ...UNSUPPORTED, sentence: "A return probe there could crash the program." },
  "probe.sleep_unsupported": { ...UNSUPPORTED, sentence: "how=sleep needs the kernel module." },
  "probe.not_found": { ...NOT_FOUND, sentence: "No probe of that id, tag or name." },
  "probe.exists": { ...REFUSED, sentence: "A probe of that place, scope and owner, or that tag, exists." },
  "probe.too_many": {
    exit: 1,
    rpc: -32005,
    sentence: "More targets than this kernel's way of attaching can carry.",
  },
  "probe.layout": {
    ...REFUSED,
    sentence: "Probes were pinned by another version of sb, or their maps are damaged.",
  },
  "session.closed": { ...NOT_FOUND, sentence: "The session was closed before." },
  "probe.busy": {
    ...REFUSED,
    sentence: "Another process has held the lock of added probes for three minutes.",
  },
  "count.not_found": { ...NOT_FOUND, sentence: "No count of that id." },
  "scope.too_many": {
    exit: 1,
    rpc: -32005,
    sentence: "More process trees than can be followed at once, or more processes in one.",
  },
  "scope.unsupported": { ...UNSUPPORTED, sentence: "The backend cannot keep probes to such a scope." },
  "backend.unavailable": { ...UNSUPPORTED, sentence: "No backend works on this machine." },
  "backend.verifier": {
    ...REFUSED,
    sentence: "The kernel's verifier refused a program; the whole log is in data.",
  },
  "module.not_loaded": { ...UNSUPPORTED, sentence: "The kernel module is not loaded." },
  "module.prerequisite_missing": {
    ...UNSUPPORTED,
    sentence: "Headers, compiler or make are missing to build the kernel module; the hint installs them.",
  },
  "module.build_failed": {
    ...REFUSED,
    sentence: "The kernel module did not build; the whole output is in data.",
  },
  "module.forbidden": {
    ...UNSUPPORTED,
    sentence: "The kernel takes no such module: lockdown, signatures, or no modules at all.",
  },
  "module.refused": { ...REFUSED, sentence: "The kernel refused to load or to unload the module." },
  "module.abi": {
    ...UNSUPPORTED,
    sentence: "The loaded kernel module is of another version of its interface.",
  },
  "kernel.refused": { ...REFUSED, sentence: "A system call failed; its name and errno are in data." },
  "isolation.unavailable": {
    ...UNSUPPORTED,
    sentence: "The isolation asked for cannot be had for this file.",
  },
  "process.not_found": { ...NOT_FOUND, sentence: "No process of that id or name." },
  "process.not_leader": { ...USAGE, sentence: "The id names a thread; the message names its process." },
  "permission.capability": { ...NOT_PERMITTED, sentence: "A capability is missing; the message names it." },
  "permission.setuid": { ...NOT_PERMITTED, sentence: "sb was started setuid or with file capabilities." },
  "permission.process": {
    ...NOT_PERMITTED,
    sentence: "The process is not the client's: it may not look into it.",
  },
  "permission.scope": {
    ...NOT_PERMITTED,
    sentence: "Only root may slow a cgroup, every process, or process 1.",
  },
  "peer.unknown": { ...NOT_PERMITTED, sentence: "The server cannot tell whose connection it is." },
  "peer.pid_namespace": {
    ...UNSUPPORTED,
    sentence: "A process id from a client in another name space of process ids.",
  },
  "user.not_found": { ...NOT_FOUND, sentence: "No user of that name." },
  "command.not_found": { exit: 1, rpc: -32001, sentence: "The command was not found (exit 127)." },
  "command.not_executable": { exit: 1, rpc: -32002, sentence: "The command cannot be executed (exit 126)." },
  "library.missing": {
    ...UNSUPPORTED,
    sentence: "A shared library that sb needs is not installed; the hint names the package.",
  },
  "output.unwritable": { exit: 1, rpc: -32006, sentence: "The report could not be written." },
  "server.running": {
    exit: 1,
    rpc: -32004,
    sentence: "A server listens at that socket already, or something else is at its path.",
  },
  "server.not_found": { exit: 5, rpc: -32001, sentence: "No server listens where one was looked for." },
  "server.untrusted": {
    exit: 4,
    rpc: -32002,
    sentence: "The server's socket belongs to neither root nor the user.",
  },
  "server.gone": { exit: 5, rpc: -32006, sentence: "The server ended the connection." },
  "session.not_found": { ...NOT_FOUND, sentence: "No detached session waits for that token." },
  "session.busy": {
    exit: 1,
    rpc: -32004,
    sentence: "The session has probes or counts, or as many subscriptions as it may have.",
  },
  "subscription.not_found": { ...NOT_FOUND, sentence: "No subscription of that id." },
  "quota.connections": {
    exit: 1,
    rpc: -32005,
    sentence: "The user has as many connections and detached sessions as it may have.",
  },
  "quota.probes": { exit: 1, rpc: -32005, sentence: "The user has as many probes as it may have." },
  "quota.counts": { exit: 1, rpc: -32005, sentence: "The user has as many counts as it may have." },
  "quota.delay": {
    exit: 1,
    rpc: -32005,
    sentence: "The delay of a hit could be longer than the user may ask for.",
  },
  internal: { exit: 70, rpc: -32603, sentence: "sb is at fault." },
} as const satisfies Record<string, ErrorRow>;

/** A stable error code. */
export type ErrorCode = keyof typeof ERROR_TABLE;
