import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  answerText,
  type BadCall,
  type Batch,
  BATCH_ITEMS,
  batchText,
  faultText,
  LINE_BYTES,
  type Message,
  notificationText,
  overlongFault,
  parseMessage,
} from "../../../../rpc/wire/mod.ts";

function parse(text: string): Message {
  return parseMessage(new TextEncoder().encode(text));
}

function bad(text: string): BadCall {
  const message = parse(text);
  assert(message.kind === "bad", `${text}: ${message.kind}`);
  return message;
}

Deno.test("parseMessage() reads requests with ids of every type", () => {
  for (const id of ["1", "0", "-3", "1.5", '""', '"a\\u0000b"', "9007199254740991", "null"]) {
    assertEquals(parse(`{"jsonrpc":"2.0","id":${id},"method":"m","params":{"a":[1]}}`), {
      kind: "call",
      id: JSON.parse(id),
      method: "m",
      params: { a: [1] },
    });
  }
});

Deno.test("parseMessage() reads notifications, and absent parameters as none", () => {
  assertEquals(parse('{"method":"m","jsonrpc":"2.0"}'), {
    kind: "call",
    id: undefined,
    method: "m",
    params: {},
  });
});

Deno.test("parseMessage() refuses what is no request, with its id where it has one", () => {
  const refused: Readonly<Record<string, [BadCall["id"], number]>> = {
    "": [null, -32700],
    "{": [null, -32700],
    '{"jsonrpc":"2.0","id":1,"method":"m"} {}': [null, -32700],
    '{"jsonrpc":"2.0","id":1,"id":1,"method":"m"}': [null, -32700],
    "1": [null, -32600],
    '"x"': [null, -32600],
    "null": [null, -32600],
    "{}": [null, -32600],
    '{"id":1,"method":"m"}': [1, -32600],
    '{"jsonrpc":"1.0","id":1,"method":"m"}': [1, -32600],
    '{"jsonrpc":2.0,"id":1,"method":"m"}': [1, -32600],
    '{"jsonrpc":"2.0","id":"x"}': ["x", -32600],
    '{"jsonrpc":"2.0","id":"x","method":5}': ["x", -32600],
    '{"jsonrpc":"2.0","id":"x","method":null}': ["x", -32600],
    '{"jsonrpc":"2.0","method":5}': [null, -32600],
    '{"jsonrpc":"2.0","id":[],"method":"m"}': [null, -32600],
    '{"jsonrpc":"2.0","id":{},"method":"m"}': [null, -32600],
    '{"jsonrpc":"2.0","id":true,"method":"m"}': [null, -32600],
    '{"jsonrpc":"2.0","id":9007199254740993,"method":"m"}': [null, -32600],
    '{"jsonrpc":"2.0","id":1,"method":"m","extra":1}': [1, -32600],
    '{"jsonrpc":"2.0","id":1,"method":"m","__proto__":{}}': [1, -32600],
    '{"jsonrpc":"2.0","id":1,"result":{}}': [1, -32600],
    '{"jsonrpc":"2.0","id":1,"method":"m","params":null}': [1, -32600],
    '{"jsonrpc":"2.0","id":1,"method":"m","params":"x"}': [1, -32600],
    '{"jsonrpc":"2.0","id":1,"method":"m","params":[]}': [1, -32602],
    "[]": [null, -32600],
  };
  for (const [text, [id, code]] of Object.entries(refused)) {
    const { id: seen, fault } = bad(text);
    assertEquals([seen, fault.code], [id, code], text);
    assertMatch(fault.message, /^Cannot (read the (message|request)|call "m"): ./);
  }
});

Deno.test("a notification by position is bad, and gets no answer", () => {
  assertEquals(bad('{"jsonrpc":"2.0","method":"m","params":[1]}').id, undefined);
});

Deno.test("members that every object inherits are no members of a request", () => {
  assertEquals(bad('{"jsonrpc":"2.0","id":1,"constructor":{},"method":"m"}').fault.code, -32600);
  assertEquals(bad('{"__proto__":{"jsonrpc":"2.0","method":"m"}}').fault.code, -32600);
});

Deno.test("parseMessage() reads batches, each item by itself", () => {
  const batch = parse('[{"jsonrpc":"2.0","id":1,"method":"a"},1,[],{"jsonrpc":"2.0","method":"b"}]') as Batch;
  assertEquals(batch.items.map((item) => [item.kind, item.id]), [
    ["call", 1],
    ["bad", null],
    ["bad", null],
    ["call", undefined],
  ]);
});

Deno.test("a batch has 1,000 requests at the most", () => {
  const batch = (count: number) =>
    `[${Array(count).fill('{"jsonrpc":"2.0","id":1,"method":"a"}').join(",")}]`;
  assertEquals((parse(batch(BATCH_ITEMS)) as Batch).items.length, BATCH_ITEMS);
  assertEquals(bad(batch(BATCH_ITEMS + 1)).fault.code, -32600);
});

Deno.test("what is not UTF-8, nests too deeply or is too long is fatal", () => {
  const invalid = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x22, 0xc3, 0x22], [
    0xe2,
    0x82,
  ]];
  for (const bytes of invalid) {
    const message = parseMessage(Uint8Array.from(bytes));
    assert(message.kind === "fatal" && message.fault.code === -32700);
  }
  const deep = parse("[".repeat(100_000));
  assert(deep.kind === "fatal" && deep.fault.code === -32700);
  assertEquals(overlongFault().code, -32700);
  assertEquals(overlongFault().data.limit, LINE_BYTES);
});

Deno.test("a byte order mark is no part of a JSON text", () => {
  assertEquals(bad('\ufeff{"jsonrpc":"2.0","id":1,"method":"m"}').fault.code, -32700);
});

Deno.test("a fault repeats little of what the peer sent", () => {
  const { fault } = bad(`{"jsonrpc":"2.0","id":1,"method":"m","${"x".repeat(100_000)}":1}`);
  assert(fault.message.length < 300, fault.message);
});

Deno.test("answers are one line of JSON, whatever is in them", () => {
  const fault = { code: -32001, message: "a\nb", data: { code: "x.y", hint: null } };
  const cases: readonly [string, unknown][] = [
    [answerText(1, { a: "x\ny" }), { jsonrpc: "2.0", id: 1, result: { a: "x\ny" } }],
    [answerText("a\n", {}), { jsonrpc: "2.0", id: "a\n", result: {} }],
    [answerText(1.5, {}), { jsonrpc: "2.0", id: 1.5, result: {} }],
    [faultText(null, fault), { jsonrpc: "2.0", id: null, error: fault }],
    [notificationText("n", { a: 1 }), { jsonrpc: "2.0", method: "n", params: { a: 1 } }],
    [batchText([answerText(1, {}), answerText(2, {})]), [
      { jsonrpc: "2.0", id: 1, result: {} },
      { jsonrpc: "2.0", id: 2, result: {} },
    ]],
  ];
  for (const [text, value] of cases) {
    assertEquals(JSON.parse(text), value);
    assert(!text.includes("\n"));
  }
});
