/** The verbs on the kernel module. */
import { verbCases } from "../../control/verb_cases.ts";

// Starting sb takes seconds in a guest.
verbCases("kmod", { here: true });
