/** Where a function of a library is in sb's own process, IFUNCs resolved as for any process of this machine. */
import { dl } from "./raw/dl.ts";
import { cString } from "./syscall.ts";

const RTLD_LAZY = 1;
const RTLD_NOLOAD = 4;

/** The address of a symbol of a library that sb has loaded; null when it has not, or dlopen(3) cannot be called. */
export function addressOfLoaded(path: string, symbol: string): bigint | null {
  const library = dl.optional;
  if (!library) return null;
  // RTLD_NOLOAD: nothing of a file that a user names is ever loaded, let alone run.
  const handle = library.dlopen(cString(path), RTLD_LAZY | RTLD_NOLOAD);
  if (handle === null) return null;
  const pointer = library.dlsym(handle, cString(symbol));
  library.dlclose(handle);
  return pointer === null ? null : Deno.UnsafePointer.value(pointer);
}
