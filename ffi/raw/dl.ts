/** The dynamic linker's own calls, for questions about libraries that are loaded already. */
import { lazyLibrary } from "../load.ts";

export const dl = lazyLibrary(
  { names: ["libc.so.6"], purpose: "sb needs glibc 2.34 or later", debianPackage: "libc6" },
  {
    /** void *dlopen(const char *filename, int flags); */
    dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
    /** void *dlsym(void *handle, const char *symbol); */
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
    /** int dlclose(void *handle); */
    dlclose: { parameters: ["pointer"], result: "i32" },
  },
);
