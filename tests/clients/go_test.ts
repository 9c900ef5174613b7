/** The Go client: its own tests, vetted, formatted, without data races and without a network. */
import { assertEquals } from "@std/assert";
import { ROOT, runProgram } from "./program.ts";

const cwd = `${ROOT}rpc/clients/go`;

/** Whatever is set outside: no module is fetched, no other toolchain is. */
const env = { GOFLAGS: "-mod=mod", GOPROXY: "off", GOTOOLCHAIN: "local" };

Deno.test("the Go client passes its own tests with the race detector, the recorded conversation among them", async () => {
  await runProgram("go", ["test", "-race", "-count=1", "./..."], { cwd, env: { ...env, CGO_ENABLED: "1" } });
});

Deno.test("the Go client is formatted and go vet finds nothing", async () => {
  assertEquals(await runProgram("gofmt", ["-l", "."], { cwd }), "");
  await runProgram("go", ["vet", "./..."], { cwd, env });
});

Deno.test("the Go client needs nothing but the standard library", async () => {
  assertEquals(await runProgram("go", ["list", "-m", "all"], { cwd, env }), "sb/client\n");
});
