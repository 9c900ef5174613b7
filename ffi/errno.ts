/** errno: names, sentences and the error that carries them. Numbers: asm-generic/errno-base.h and errno.h. */
import { SbError } from "../src/core/mod.ts";

const ERRNO: Record<number, readonly [name: string, sentence: string]> = {
  1: ["EPERM", "operation not permitted"],
  2: ["ENOENT", "no such file or directory"],
  3: ["ESRCH", "no such process"],
  4: ["EINTR", "interrupted system call"],
  5: ["EIO", "input/output error"],
  6: ["ENXIO", "no such device or address"],
  7: ["E2BIG", "argument list too long"],
  8: ["ENOEXEC", "exec format error"],
  9: ["EBADF", "bad file descriptor"],
  10: ["ECHILD", "no child processes"],
  11: ["EAGAIN", "resource temporarily unavailable"],
  12: ["ENOMEM", "out of memory"],
  13: ["EACCES", "permission denied"],
  14: ["EFAULT", "bad address"],
  16: ["EBUSY", "device or resource busy"],
  17: ["EEXIST", "file exists"],
  18: ["EXDEV", "invalid cross-device link"],
  19: ["ENODEV", "no such device"],
  20: ["ENOTDIR", "not a directory"],
  21: ["EISDIR", "is a directory"],
  22: ["EINVAL", "invalid argument"],
  23: ["ENFILE", "too many open files in the system"],
  24: ["EMFILE", "too many open files"],
  25: ["ENOTTY", "inappropriate ioctl for device"],
  26: ["ETXTBSY", "text file busy"],
  27: ["EFBIG", "file too large"],
  28: ["ENOSPC", "no space left"],
  29: ["ESPIPE", "illegal seek"],
  30: ["EROFS", "read-only file system"],
  32: ["EPIPE", "broken pipe"],
  34: ["ERANGE", "numerical result out of range"],
  36: ["ENAMETOOLONG", "file name too long"],
  38: ["ENOSYS", "function not implemented"],
  40: ["ELOOP", "too many levels of symbolic links"],
  74: ["EBADMSG", "bad message"],
  75: ["EOVERFLOW", "value too large"],
  80: ["ELIBBAD", "accessing a corrupted shared library"],
  95: ["EOPNOTSUPP", "operation not supported"],
  99: ["EADDRNOTAVAIL", "address not available"],
  110: ["ETIMEDOUT", "timed out"],
  126: ["ENOKEY", "required key not available"],
  127: ["EKEYEXPIRED", "key has expired"],
  129: ["EKEYREJECTED", "key was rejected by service"],
  524: ["ENOTSUPP", "operation is not supported by the kernel"],
};

/** Numbers by name, for those that callers compare with. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSPC: 28,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  EOPNOTSUPP: 95,
} as const;

/** "EACCES", or "errno 999". @param errno a positive error number */
export function errnoName(errno: number): string {
  return ERRNO[errno]?.[0] ?? `errno ${errno}`;
}

/** "permission denied (EACCES)". @param errno a positive error number */
export function errnoText(errno: number): string {
  const row = ERRNO[errno];
  return row ? `${row[1]} (${row[0]})` : `errno ${errno}`;
}

/**
 * The error of a failed system call, `kernel.refused` with `{call, errno}` in its data.
 *
 * @param call the call, `bpf(BPF_LINK_CREATE)`
 * @param errno a positive error number
 * @param what what could not be done: `attach to "libc.so.6"`
 */
export function systemError(call: string, errno: number, what: string, hint?: string): SbError {
  return new SbError("kernel.refused", `Cannot ${what}: ${errnoText(errno)}`, {
    ...(hint === undefined ? {} : { hint }),
    data: { call, errno: errnoName(errno) },
  });
}
