/** From the verbs' command lines to their requests. */
import { assertEquals, assertThrows } from "@std/assert";
import { SbError } from "../../../mod.ts";
import { addRequest, changeOf } from "../../../src/cli/control_request.ts";
import { parseCommandLine } from "../../../src/cli/parse.ts";

function add(...args: string[]) {
  return addRequest(parseCommandLine(["add", ...args]));
}

function update(...args: string[]) {
  return changeOf(parseCommandLine(["update", ...args]));
}

Deno.test("sb add takes sbctl's form: PATH:SYMBOL NANOSECONDS --pid=N", () => {
  const { target, spec, root, owner, tag, backend } = add("/usr/bin/app:process", "10000", "--pid=77");
  assertEquals([target, spec?.delay, root, owner, tag, backend], [
    "/usr/bin/app:process",
    { kind: "fixed", ns: 10_000 },
    77,
    null,
    null,
    "auto",
  ]);
});

Deno.test("sb add: options are defaults, the keys of DELAY win", () => {
  const { spec } = add("-a", "app:f", "exp:5us,every=3", "--every=10", "--times", "4");
  assertEquals([spec?.delay.kind, spec?.schedule.every, spec?.schedule.times], ["exp", 3, 4]);
});

Deno.test("sb add without a delay keeps the options for the default delay", () => {
  const { spec, settings, root } = add("-a", "app:f", "--every=10", "--no-compensate");
  assertEquals([spec, settings, root], [null, { every: 10, compensate: false }, null]);
});

Deno.test("sb add refuses both scopes, none, ids and tags that are none", () => {
  for (
    const args of [
      ["app:f"],
      ["-a", "--pid=1", "app:f"],
      ["--pid=0", "app:f"],
      ["--pid=-1", "app:f"],
      ["--pid=0x10", "app:f"],
      ["--pid=99999999999", "app:f"],
      ["-a", "--owner=self", "app:f"],
      ["-a", "--tag=", "app:f"],
      ["-a", "--tag=a b", "app:f"],
      ["-a", `--tag=${"x".repeat(65)}`, "app:f"],
    ]
  ) assertEquals(assertThrows(() => add(...args), SbError).code, "usage.option", args.join(" "));
});

Deno.test("sb update names what is given and nothing else", () => {
  assertEquals(update("e1", "5us"), { delay: { kind: "fixed", ns: 5000 }, delayText: "5us", settings: {} });
  assertEquals(update("e1", "5us,times=3", "--times=9", "--start", "1s").settings, {
    times: 3,
    startNs: 1e9,
  });
});

Deno.test("sb update refuses a delay that is none", () => {
  for (const [text, code] of [["5xs", "usage.time"], ["", "usage.delay"], ["5us,every", "usage.delay"]]) {
    assertEquals(assertThrows(() => update("e1", text), SbError).code, code, text);
  }
});
