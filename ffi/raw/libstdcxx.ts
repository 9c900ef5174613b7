/** libstdc++: the C++ demangler, with its C declarations. `malloc` and `free` are found in the libc that it depends on. */
import { lazyLibrary } from "../load.ts";

export const libstdcxx = lazyLibrary(
  { names: ["libstdc++.so.6"], purpose: "C++ names stay mangled", debianPackage: "libstdc++6" },
  {
    /** char *abi::__cxa_demangle(const char *mangled_name, char *output_buffer, size_t *length, int *status); */
    __cxa_demangle: { parameters: ["buffer", "pointer", "buffer", "buffer"], result: "pointer" },
    /** void *malloc(size_t size); */
    malloc: { parameters: ["usize"], result: "pointer" },
  },
);
