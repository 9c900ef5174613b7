/** The verbs on this machine: pinned eBPF. */
import { verbCases } from "./verb_cases.ts";

verbCases("ebpf");
