/** The user that a command runs as. */
import { findUser, type UserIds } from "../../ffi/mod.ts";
import { nearestNames, SbError } from "../core/mod.ts";

/**
 * A user's ids and groups, for the command to run as.
 *
 * @param name a user name
 * @throws SbError `user.not_found`, with the nearest names of /etc/passwd
 */
export function requireUser(name: string): UserIds {
  const user = name === "" || name.includes("\0") ? null : findUser(name);
  if (user) return user;
  let known: string[] = [];
  try {
    known = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":")[0]).filter(
      Boolean,
    );
  } catch {
    // Users may come from elsewhere; then there is nothing to suggest.
  }
  const nearest = nearestNames(name, known);
  throw new SbError("user.not_found", `Cannot run as user "${name}": there is no such user`, {
    hint: nearest.length > 0 ? `Use -u ${nearest[0]}` : "List the users: getent passwd",
    data: { nearest },
  });
}
