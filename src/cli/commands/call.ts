/** `sb call`. */
import { type Client, connect, ConnectionError, RpcError } from "../../../rpc/client.ts";
import { ERROR_TABLE, type ErrorCode, SbError } from "../../core/mod.ts";
import { readParams } from "../call_params.ts";
import { answerJson, answerText, notificationJson, notificationText } from "../output/call.ts";
import { stdoutSink } from "../output/sink.ts";
import { hasOption, type Invocation, optionValue } from "../parse.ts";

/** Methods whose answer is only the beginning. */
const LASTING = ["stats.subscribe"];

/** Calls a method of any name, so that the server itself says what is wrong with it. */
type AnyCall = (method: string, params: unknown) => Promise<unknown>;

/** A code of the table: the server may be of another version, whose codes are known by their number only. */
function codeOf({ code, data }: RpcError): ErrorCode {
  if (Object.hasOwn(ERROR_TABLE, data.code)) return data.code as ErrorCode;
  const rows = Object.entries(ERROR_TABLE) as [ErrorCode, { rpc: number }][];
  return rows.find(([, row]) => row.rpc === code)?.[0] ?? "internal";
}

function asError(thrown: unknown): unknown {
  if (thrown instanceof RpcError) {
    const { code: _, hint, ...data } = thrown.data;
    return new SbError(codeOf(thrown), thrown.message, { ...(hint === null ? {} : { hint }), data });
  }
  if (!(thrown instanceof ConnectionError)) return thrown;
  return new SbError(thrown.code, thrown.message, thrown.hint === null ? {} : { hint: thrown.hint });
}

/** Settles at Ctrl-C, or when the server ends the connection. @returns whether it was the server */
async function untilInterrupted(client: Client): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const interrupted = () => resolve(false);
  Deno.addSignalListener("SIGINT", interrupted);
  Deno.addSignalListener("SIGTERM", interrupted);
  client.closed.then(() => resolve(true));
  try {
    return await promise;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupted);
    Deno.removeSignalListener("SIGTERM", interrupted);
  }
}

/** Calls, prints the answer, and what follows where something does. @returns the exit status */
export async function callCommand(invocation: Invocation): Promise<number> {
  const [method, ...words] = invocation.operands;
  const params = readParams(words);
  const json = hasOption(invocation, "json");
  const socket = optionValue(invocation, "socket");
  const stdout = stdoutSink();
  // Nobody reads any more: there is nothing left to wait for.
  const print = (text: string) => stdout.write(text) || client?.close();
  let client: Client | undefined;
  try {
    client = await connect({
      ...(socket === undefined ? {} : { socket }),
      onNotification: (name, told) =>
        print(json ? notificationJson(name, told) : notificationText(name, told)),
    });
    const result = await (client.call as AnyCall).call(client, method, params);
    print(json ? answerJson(method, result) : answerText(result));
    const lasts = hasOption(invocation, "wait") || LASTING.includes(method);
    if (lasts && await untilInterrupted(client)) {
      throw new SbError("server.gone", "Cannot wait any longer: the server ended the connection");
    }
    return 0;
  } catch (thrown) {
    throw asError(thrown);
  } finally {
    await client?.close();
  }
}
