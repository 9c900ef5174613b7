/**
 * A client of `sb serve` for Deno and Node 20: delays native functions of a process tree, measures what was added, and undoes
 * everything when it ends.
 *
 * ```ts
 * await using client = await connect();
 * await using probe = await client.probe({ target: "libc.so.6:malloc", delay: "5us", pid });
 * // … run the benchmark …
 * const { hits, added_ns } = await probe.stats();
 * ```
 *
 * It needs what Node has (`node:net`, `node:fs`, `node:process`) and nothing else.
 *
 * @module
 */
export * from "./client/mod.ts";
