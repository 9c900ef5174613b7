/** Commands: started transparently, waited for, with private copies of the files that carry probes. */
export { forwardSignals } from "./forward.ts";
export { openPrivateFiles, type PrivateFile, PrivateFiles } from "./private_files.ts";
export { fileReplaced, privateFileObstacle, type PrivateFileSource } from "./private_obstacle.ts";
export { type CommandEnd, RunningCommand } from "./running.ts";
export { type CommandPlan, startCommand } from "./start.ts";
export { rawArguments, readStartState, type StartState } from "./start_state.ts";
export type { StandardStreams } from "./streams.ts";
export { requireUser } from "./user.ts";
