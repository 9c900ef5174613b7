/** The clients as packages, each used by a project of its own against a server: npm and tsc, a wheel, a Go module. */
import { assertEquals, assertMatch } from "@std/assert";
import { cached, vmCache } from "../../scripts/testing/vm/cache.ts";
import { ServerProcess } from "../rpc/server_process.ts";
import { executable, root, skipUnless } from "../skip.ts";
import { ROOT, runProgram } from "./program.ts";

const PYTHON = "/usr/bin/python3";
/** The compiler whose answer counts, and what it knows of Node. */
const TYPESCRIPT = ["typescript@5.9.3", "@types/node@20.19.0"];
/** What each program prints: hits that were delayed, and how long each took at the least. */
const DELAYED = /^[1-9]\d* of [1-9]\d* hits, 2\d{5,} ns at least\n$/;

const TREE = "import os, time\nwhile True:\n    os.getppid()\n    time.sleep(0.001)";

/** Runs a body with a folder, a server, and a process that calls getppid(2) again and again. */
async function withServer(
  body: (where: { folder: string; env: Record<string, string>; pid: string }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const tree = new Deno.Command(PYTHON, { args: ["-c", TREE] }).spawn();
  try {
    await using server = await ServerProcess.start();
    await body({ folder, env: { SB_SOCKET: server.socket }, pid: String(tree.pid) });
  } finally {
    tree.kill("SIGKILL");
    await tree.status;
    await Deno.remove(folder, { recursive: true });
  }
}

/** node_modules with the compiler. */
async function compiler(): Promise<string> {
  const folder = await cached(`${vmCache()}/typescript-5.9.3`, async (partial) => {
    await Deno.mkdir(partial, { recursive: true });
    await Deno.writeTextFile(`${partial}/package.json`, '{"private":true}');
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    await runProgram("/usr/bin/npm", ["install", ...quiet, ...TYPESCRIPT], { cwd: partial });
  });
  return `${folder}/node_modules`;
}

const NODE_PROGRAM = `
import { connect, type Stats } from "@sb/client";

const client = await connect();
const probe = await client.probe({ target: "libc.so.6:getppid", delay: "200us", pid: Number(process.argv[2]) });
let figures: Stats;
do figures = await probe.stats(); while (figures.delayed < 3);
await client.close();
const least: number = figures.min_ns ?? 0;
console.log(\`\${figures.delayed} of \${figures.hits} hits, \${least} ns at least\`);
`;
const WRONG = NODE_PROGRAM.replace('delay: "200us"', "delay: 200");
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    module: "nodenext",
    target: "es2022",
    lib: ["es2022"],
    types: ["node"],
    skipLibCheck: false,
  },
  files: ["program.ts"],
};

Deno.test({
  ...skipUnless("the npm package types and runs in a project of its own", root(), executable("/usr/bin/npm")),
  fn: () =>
    withServer(async ({ folder, env, pid }) => {
      const packed = (await runProgram(`${ROOT}scripts/build_npm`, [folder])).trim();
      await Deno.writeTextFile(`${folder}/package.json`, '{"private":true,"type":"module"}');
      const options = ["--offline", "--no-audit", "--no-fund", "--loglevel=error"];
      await runProgram("/usr/bin/npm", ["install", ...options, packed], { cwd: folder });
      const modules = await compiler();
      await Deno.mkdir(`${folder}/node_modules/@types`);
      for (const name of ["@types/node", "undici-types"]) {
        await Deno.symlink(`${modules}/${name}`, `${folder}/node_modules/${name}`);
      }
      await Deno.writeTextFile(`${folder}/tsconfig.json`, JSON.stringify(TSCONFIG));
      await Deno.writeTextFile(`${folder}/program.ts`, NODE_PROGRAM);
      await runProgram("/usr/bin/node", [`${modules}/typescript/bin/tsc`, "-p", "."], { cwd: folder });
      assertMatch(await runProgram("/usr/bin/node", ["program.js", pid], { cwd: folder, env }), DELAYED);
      await Deno.writeTextFile(`${folder}/program.ts`, WRONG);
      const refused = await new Deno.Command("/usr/bin/node", {
        args: [`${modules}/typescript/bin/tsc`, "--noEmit", "-p", "."],
        cwd: folder,
      }).output();
      assertMatch(new TextDecoder().decode(refused.stdout), /program\.ts\(5,\d+\): error TS2322/);
    }),
});

const PYTHON_PROGRAM = `
import sys, sb_client
with sb_client.Client() as client:
    with client.probe("libc.so.6", "getppid", delay_ns=200_000, pid=int(sys.argv[1])) as probe:
        figures = probe.stats()
        while figures["delayed"] < 3:
            figures = probe.stats()
print(figures["delayed"], "of", figures["hits"], "hits,", figures["min_ns"], "ns at least")
`;

Deno.test({
  ...skipUnless(
    "a wheel is built, installed into an environment of its own, and used",
    root(),
    executable("/usr/lib/python3/dist-packages/build/__init__.py"),
  ),
  fn: () =>
    withServer(async ({ folder, env, pid }) => {
      // A copy: setuptools builds beside the sources.
      await runProgram("/bin/cp", ["-r", `${ROOT}rpc/clients/python`, `${folder}/source`]);
      const build = [
        "-m",
        "build",
        "--no-isolation",
        "--wheel",
        "--outdir",
        `${folder}/dist`,
        `${folder}/source`,
      ];
      await runProgram(PYTHON, build);
      const [wheel] = [...Deno.readDirSync(`${folder}/dist`)].map(({ name }) => name);
      assertMatch(wheel, /^sb_client-[0-9.]+-py3-none-any\.whl$/);
      await runProgram(PYTHON, ["-m", "venv", "--without-pip", `${folder}/venv`]);
      const install = [
        "install",
        "--quiet",
        "--no-index",
        "--root-user-action=ignore",
        `${folder}/dist/${wheel}`,
      ];
      await runProgram(PYTHON, ["-m", "pip", "--python", `${folder}/venv/bin/python`, ...install]);
      const args = ["-I", "-B", "-W", "error", "-c", PYTHON_PROGRAM, pid];
      assertMatch(await runProgram(`${folder}/venv/bin/python`, args, { cwd: folder, env }), DELAYED);
    }),
});

const GO_PROGRAM = `package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	sb "sb/client"
)

func main() {
	pid, _ := strconv.Atoi(os.Args[1])
	ctx := context.Background()
	client, err := sb.Dial(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	probe, err := client.Probe(ctx, sb.ProbeSpec{Target: "libc.so.6:getppid", Delay: 200 * time.Microsecond, PID: pid})
	if err != nil {
		log.Fatal(err)
	}
	for {
		stats, err := probe.Stats(ctx)
		if err != nil {
			log.Fatal(err)
		}
		if stats.Delayed >= 3 {
			fmt.Println(stats.Delayed, "of", stats.Hits, "hits,", *stats.MinNs, "ns at least")
			return
		}
	}
}
`;

Deno.test({
  ...skipUnless(
    "another Go module uses the client by a replace directive",
    root(),
    executable("/usr/bin/go"),
  ),
  fn: () =>
    withServer(async ({ folder, env, pid }) => {
      const go = { GOFLAGS: "-mod=mod", GOPROXY: "off", GOTOOLCHAIN: "local" };
      await Deno.writeTextFile(`${folder}/main.go`, GO_PROGRAM);
      const require = "require sb/client v0.0.0\nreplace sb/client => " + `${ROOT}rpc/clients/go`;
      await Deno.writeTextFile(`${folder}/go.mod`, `module user\n\ngo 1.19\n\n${require}\n`);
      await runProgram("go", ["vet", "."], { cwd: folder, env: go });
      await runProgram("go", ["build", "-o", "user", "."], { cwd: folder, env: go });
      assertMatch(await runProgram(`${folder}/user`, [pid], { env }), DELAYED);
      assertEquals(await runProgram("gofmt", ["-l", "."], { cwd: folder }), "");
    }),
});
