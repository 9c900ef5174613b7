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
  /** struct group *getgrnam(const char *name); */
  getgrnam: { parameters: ["buffer"], result: "pointer" },
  /** int getgrouplist(const char *user, gid_t group, gid_t *groups, int *ngroups); */
  getgrouplist: { parameters: ["buffer", "u32", "buffer", "buffer"], result: "i32" },
  /** int setgroups(size_t size, const gid_t *list); */
  setgroups: { parameters: ["usize", "buffer"], result: "i32" },
  /** int setresgid(gid_t rgid, gid_t egid, gid_t sgid); */
  setresgid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  /** int setresuid(uid_t ruid, uid_t euid, uid_t suid); */
  setresuid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  /** int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const argv[], char *const envp[]); */
  posix_spawn: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
  /** int posix_spawn_file_actions_init(posix_spawn_file_actions_t *); */
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: "i32" },
  /** int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *, int fd, int newfd); */
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  /** int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *); */
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: "i32" },
  /** int posix_spawnattr_init(posix_spawnattr_t *); */
  posix_spawnattr_init: { parameters: ["buffer"], result: "i32" },
  /** int posix_spawnattr_setflags(posix_spawnattr_t *, short flags); */
  posix_spawnattr_setflags: { parameters: ["buffer", "i16"], result: "i32" },
  /** int posix_spawnattr_setsigmask(posix_spawnattr_t *, const sigset_t *); */
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: "i32" },
  /** int posix_spawnattr_destroy(posix_spawnattr_t *); */
  posix_spawnattr_destroy: { parameters: ["buffer"], result: "i32" },
});
