/** The Python client: its own tests, its types, its installation. */
import { assertEquals, assertMatch } from "@std/assert";
import { ROOT, runProgram } from "./program.ts";

const PYTHON = "/usr/bin/python3";
const PACKAGE = `${ROOT}rpc/clients/python`;

// Nothing is written beside the sources; a warning (a socket left open, say) is a failure.
const STRICT = ["-B", "-W", "error"];

Deno.test("the Python client passes its own tests, the recorded conversation among them", async () => {
  await runProgram(PYTHON, [...STRICT, "-m", "unittest", "discover", "-t", ".", "-s", "tests"], {
    cwd: PACKAGE,
  });
});

Deno.test("the Python client and its tests are fully typed, for Python 3.9", async () => {
  const cache = await Deno.makeTempDir();
  try {
    const options = ["--strict", "--python-version", "3.9", "--cache-dir", cache];
    assertMatch(
      await runProgram("/usr/bin/mypy", [...options, "sb_client", "tests"], { cwd: PACKAGE }),
      /no issues/,
    );
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("pip installs the Python client from its folder without a network, types and all", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // A copy: setuptools builds beside the sources.
    await runProgram("/bin/cp", ["-r", PACKAGE, `${folder}/source`]);
    const options = ["--quiet", "--no-build-isolation", "--no-index", "--root-user-action", "ignore"];
    await runProgram(PYTHON, [
      "-m",
      "pip",
      "install",
      ...options,
      "--target",
      `${folder}/lib`,
      `${folder}/source`,
    ]);
    const program =
      "import os, sb_client, sb_client.aio; print(sb_client.__version__, os.listdir(sb_client.__path__[0]).count('py.typed'))";
    const env = { PYTHONPATH: `${folder}/lib` };
    assertEquals(await runProgram(PYTHON, [...STRICT, "-c", program], { cwd: folder, env }), "0.1.0 1\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
