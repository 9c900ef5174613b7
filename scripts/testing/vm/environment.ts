/** The environment of commands in the guest: of the caller's, what says where things are and how to print. */

const KEPT = /^(HOME|PATH|LANG|LC_\w+|NO_COLOR|XDG_CACHE_HOME|DENO_\w+|SB_\w+)$/;

/** The variables of this process that a guest gets. */
export function guestEnvironment(): Record<string, string> {
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) => KEPT.test(name));
  return { ...Object.fromEntries(kept), TERM: "dumb", DENO_NO_UPDATE_CHECK: "1" };
}
