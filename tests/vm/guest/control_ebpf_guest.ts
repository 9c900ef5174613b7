/** The verbs on pinned eBPF in the guest: kernel 6.1 attaches through perf events, 6.12 with uprobe_multi. */
import { verbCases } from "../../control/verb_cases.ts";

// Starting sb takes seconds in a guest.
verbCases("ebpf", { here: true });
