/** Users as the name service knows them: ids and supplementary groups. */
import { libc } from "./raw/libc.ts";
import { systemError } from "./errno.ts";
import { cString, lastErrno } from "./syscall.ts";

/** A user, as a process that becomes it needs it. */
export interface UserIds {
  uid: number;
  gid: number;
  /** Supplementary groups, the primary one among them. */
  groups: number[];
}

/** Looks a user up by name through the name service switch (getpwnam(3), getgrouplist(3)). */
export function findUser(name: string): UserIds | null {
  const entry = libc.symbols.getpwnam(cString(name));
  if (entry === null) return null;
  // struct passwd, pwd.h: two pointers, then uid and gid.
  const view = new Deno.UnsafePointerView(entry);
  const uid = view.getUint32(16);
  const gid = view.getUint32(20);
  let groups = new Uint32Array(64);
  for (;;) {
    const count = Int32Array.of(groups.length);
    const fits = libc.symbols.getgrouplist(
      cString(name),
      gid,
      new Uint8Array(groups.buffer),
      new Uint8Array(count.buffer),
    );
    if (fits >= 0) return { uid, gid, groups: [...groups.subarray(0, count[0])] };
    groups = new Uint32Array(Math.max(count[0], groups.length * 2));
  }
}

/** The id of a group, by name through the name service switch (getgrnam(3)). */
export function findGroup(name: string): number | null {
  const entry = libc.symbols.getgrnam(cString(name));
  // struct group, grp.h: two pointers, then the id.
  return entry === null ? null : new Deno.UnsafePointerView(entry).getUint32(16);
}

/**
 * Gives this process the ids of a user, all three of each kind, for good. Through glibc, which changes every thread: the
 * system calls themselves change the calling one only (nptl(7)).
 *
 * @throws SbError `kernel.refused`
 */
export function becomeUser({ uid, gid, groups }: UserIds): void {
  const { symbols } = libc;
  const list = new Uint8Array(Uint32Array.from(groups).buffer);
  const check = (call: string, result: number) => {
    if (result !== 0) throw systemError(call, lastErrno(), `become the user ${uid}`);
  };
  check("setgroups", symbols.setgroups(BigInt(groups.length), list));
  check("setresgid", symbols.setresgid(gid, gid, gid));
  check("setresuid", symbols.setresuid(uid, uid, uid));
}

/** A value of the auxiliary vector (getauxval(3)); 0 when it has none. */
export function auxiliaryValue(type: number): bigint {
  return libc.symbols.getauxval(BigInt(type));
}
