/** What the protocol itself costs a request: bytes to message, parameters against the schema, answer to text. */
import { isMethod, openProtocol } from "../../rpc/schema/mod.ts";
import { answerText, LineSplitter, parseMessage } from "../../rpc/wire/mod.ts";
import { nearestNames } from "../../src/core/mod.ts";
import { type Benchmark, type Figure, median } from "./figure.ts";

const ROUNDS = 31;
const REQUESTS = 20_000;

const REQUEST_TEXTS: Readonly<Record<string, string>> = {
  "probe.stats": '{"jsonrpc":"2.0","id":4711,"method":"probe.stats","params":{"probe":"p17"}}\n',
  "probe.add": '{"jsonrpc":"2.0","id":4711,"method":"probe.add","params":{"target":"libc.so.6:malloc",' +
    '"delay_ns":5000,"scope":{"tree":4242},"every":10}}\n',
};

function timeNs(act: () => void): number {
  const before = performance.now();
  for (let count = 0; count < REQUESTS; count++) act();
  return (performance.now() - before) * 1e6 / REQUESTS;
}

/** As the server does it, but for the work of the method. */
function compileRequest(chunk: Uint8Array): () => void {
  const protocol = openProtocol(nearestNames);
  const splitter = new LineSplitter();
  return () => {
    for (const line of splitter.push(chunk)) {
      const message = parseMessage(line);
      if (message.kind !== "call" || !isMethod(message.method)) throw new Error("Cannot measure: no request");
      const checked = protocol.checkParams(message.method, message.params);
      if ("fault" in checked) throw new Error(checked.fault.message);
      answerText(message.id!, {});
    }
  };
}

/** The least that JSON costs: no check of anything. */
function compileBare(chunk: Uint8Array): () => void {
  const decoder = new TextDecoder();
  return () => {
    const { id } = JSON.parse(decoder.decode(chunk));
    JSON.stringify({ jsonrpc: "2.0", id, result: {} });
  };
}

async function* run(): AsyncIterable<Figure> {
  for (const [method, text] of Object.entries(REQUEST_TEXTS)) {
    const chunk = new TextEncoder().encode(text);
    const [request, bare] = [compileRequest(chunk), compileBare(chunk)];
    [request, bare].forEach(timeNs);
    const pairs = Array.from({ length: ROUNDS }, () => [timeNs(request), timeNs(bare)]);
    const [requestNs, bareNs] = [0, 1].map((side) => median(pairs.map((pair) => pair[side])));
    yield {
      name: `${method}: read, checked, answered, against bare JSON`,
      value: median(pairs.map(([ours, least]) => ours / least)),
      bound: 4,
      unit: "ratio",
      detail: `${requestNs.toFixed(0)} ns, ${(1e6 / requestNs).toFixed(0)} thousand a second; bare ${
        bareNs.toFixed(0)
      } ns`,
    };
  }
}

/** Requests without the socket and without the work. */
export const protocol: Benchmark = { name: "protocol", run };
