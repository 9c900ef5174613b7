/** The kernel module's parts that compile for user space, by every compiler and for both machines. */
import { executable, skipUnless } from "../../skip.ts";
import { compile, PARTS } from "./build.ts";

const COMPILERS = ["gcc", "clang", "aarch64-linux-gnu-gcc"];

for (const compiler of COMPILERS) {
  Deno.test({
    ...skipUnless(`${compiler} compiles the parts without a warning`, executable(`/usr/bin/${compiler}`)),
    fn: () => {
      const folder = Deno.makeTempDirSync();
      try {
        Object.values(PARTS).flat().forEach((source, index) =>
          compile([compiler, "-O2", "-c"], [source], `${folder}/${index}.o`)
        );
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}
