/** libc: the calls that sb makes, each with its C declaration. */
import { lazyLibrary } from "../load.ts";

export const libc = lazyLibrary({ names: ["libc.so.6"], purpose: "sb needs glibc", debianPackage: "libc6" }, {
  /** long syscall(long number, ...); */
  syscall: { parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"], result: "i64" },
  /** The same call on a thread of Deno's pool, for calls that may block; errno is lost. */
  syscallBlocking: {
    name: "syscall",
    parameters: ["i64", "i64", "i64", "i64", "i64", "i64", "i64"],
    result: "i64",
    nonblocking: true,
  },
  /** int *__errno_location(void); */
  __errno_location: { parameters: [], result: "pointer" },
  /** unsigned long getauxval(unsigned long type); */
  getauxval: { parameters: ["u64"], result: "u64" },
  /** struct passwd *getpwnam(const char *name); */
  getpwnam: { parameters: ["buffer"], result: "pointer" },
  /** struct passwd *getpwuid(uid_t uid); */
  getpwuid: { parameters: ["u32"], result: "pointer" },
  /** int getgrouplist(const char *user, gid_t group, gid_t *groups, int *ngroups); */
  getgrouplist: { parameters: ["buffer", "u32", "buffer", "buffer"], result: "i32" },
});
