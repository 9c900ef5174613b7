/** A hundred thousand lines against the reader of messages and the schema, each judged by other code than that under test. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { isMethod, openProtocol } from "../../../rpc/schema/mod.ts";
import {
  type BadCall,
  type Call,
  type Fault,
  faultText,
  JsonError,
  LineSplitter,
  type Message,
  parseJson,
  parseMessage,
} from "../../../rpc/wire/mod.ts";
import { nearestNames } from "../../../src/core/mod.ts";
import { followsDocument } from "./json_schema.ts";
import { LineMaker } from "./lines.ts";
import { Random } from "./random.ts";

const LINES = 100_000;
const SEED = 20_240_611;
const TARGETS = ["libc.so.6:malloc", "/opt/app/bin/app:parse%return"];

const protocol = openProtocol(nearestNames);
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What only our reader refuses. */
const STRICTER = /^the name .* stands twice$|^it nests more than 64 levels$|^a number is beyond all range$/;

function decoded(line: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(line);
  } catch {
    return undefined;
  }
}

function outcome<T>(act: () => T): { value: T } | { error: unknown } {
  try {
    return { value: act() };
  } catch (error) {
    return { error };
  }
}

/** Numbers as the built-in reader rounds them. */
function rounded(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, rounded(member)]);
  return Object.fromEntries(entries);
}

/** Our reader against the built-in one. */
function checkJson(text: string): void {
  const ours = outcome(() => parseJson(text));
  const builtIn = outcome(() => JSON.parse(text));
  if ("value" in ours) {
    assert("value" in builtIn, `only we take ${text}`);
    assertEquals(JSON.stringify(rounded(ours.value)), JSON.stringify(rounded(builtIn.value)));
  } else {
    assert(ours.error instanceof JsonError, `${text}: ${ours.error}`);
    assert(
      "error" in builtIn || STRICTER.test(ours.error.message),
      `only we refuse ${text}: ${ours.error.message}`,
    );
  }
}

function checkFault({ code, message, data }: Fault, codes: readonly number[]): void {
  assert(codes.includes(code), `${code}: ${message}`);
  assert(message.length < 400 && /^Cannot [^\n]+$/.test(message), message);
  assert(/^rpc\.(parse|request|method|params)$/.test(data.code));
  assert(data.hint === null || data.hint.length < 400);
}

function checkCall(call: Call | BadCall): void {
  if (call.kind === "bad") {
    checkFault(call.fault, [-32700, -32600, -32602]);
    const answer = faultText(call.id ?? null, call.fault);
    assert(!answer.includes("\n"));
    // 0 and −0 are one number.
    assert(JSON.parse(answer).id === (call.id ?? null), answer);
  } else if (!isMethod(call.method)) {
    checkFault(protocol.unknownMethod(call.method), [-32601]);
  } else {
    const checked = protocol.checkParams(call.method, call.params);
    if ("fault" in checked) checkFault(checked.fault, [-32602]);
    assertEquals(
      "params" in checked,
      followsDocument(call.method, call.params),
      JSON.stringify(rounded(call)),
    );
  }
}

function checkMessage(line: Uint8Array): Message {
  const message = parseMessage(line);
  const text = decoded(line);
  if (text !== undefined) checkJson(text);
  if (message.kind === "fatal") checkFault(message.fault, [-32700]);
  else if (message.kind === "batch") message.items.forEach(checkCall);
  else checkCall(message);
  assertEquals(text === undefined ? message.kind : "text", text === undefined ? "fatal" : "text");
  return message;
}

Deno.test("100,000 lines: each is a message or a fault, as JSON.parse and the OpenRPC document see it too", () => {
  const random = new Random(SEED);
  const maker = new LineMaker(random, TARGETS);
  const kinds: Record<string, number> = {};
  for (let index = 0; index < LINES; index++) {
    const line = maker.line();
    const { kind } = checkMessage(line);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  // Each way through is taken often enough to mean something.
  for (const kind of ["call", "bad", "batch", "fatal"]) {
    assertGreater(kinds[kind], LINES / 100, JSON.stringify(kinds));
  }
});

Deno.test("a stream of such lines gives the same lines wherever it is cut", () => {
  const random = new Random(SEED + 1);
  const maker = new LineMaker(random, TARGETS);
  for (let round = 0; round < 50; round++) {
    const lines = Array.from({ length: 40 }, () => maker.line());
    const stream = Uint8Array.from(lines.flatMap((line) => [...line, 10]));
    const splitter = new LineSplitter();
    const seen: Uint8Array[] = [];
    for (let at = 0; at < stream.length;) {
      const end = Math.min(stream.length, at + 1 + random.below(random.oneIn(3) ? 400 : 4));
      seen.push(...splitter.push(stream.slice(at, end)));
      at = end;
    }
    // A CR before the end belongs to the end.
    const expected = lines.map((line) => line.at(-1) === 13 ? line.subarray(0, -1) : line);
    assertEquals(seen, expected);
  }
});

Deno.test("the same seed makes the same lines", () => {
  const make = () => {
    const maker = new LineMaker(new Random(SEED), TARGETS);
    return Array.from({ length: 100 }, () => maker.line());
  };
  assertEquals(make(), make());
});
