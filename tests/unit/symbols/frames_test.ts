/** Call frame information of real files against readelf, and of damaged ones. */
import { assertEquals, assertGreater } from "@std/assert";
import { openElf } from "../../../ffi/mod.ts";
import { FrameReader } from "../../../src/symbols/frame_reader.ts";
import "./compile.ts";

const LIBC = Deno.realPathSync(`/lib/${Deno.build.arch}-linux-gnu/libc.so.6`);

function section(): { bytes: Uint8Array; address: number } {
  using elf = openElf(LIBC);
  const found = elf.section(".eh_frame");
  if (!found) throw new Error("libc has no .eh_frame");
  return { bytes: elf.data(found), address: Number(found.address) };
}

Deno.test("FrameReader finds the ranges that readelf lists for libc", () => {
  const { bytes, address } = section();
  const frames = new FrameReader(bytes, address, (at) => at).read();
  // Its exit status speaks of other sections.
  const { stdout } = new Deno.Command("readelf", { args: ["--debug-dump=frames", "-W", LIBC] }).outputSync();
  const listed = [...new TextDecoder().decode(stdout).matchAll(/ pc=(\w+)\.\.(\w+)/g)];
  assertEquals(
    frames.map(({ start, end }) => `${start.toString(16)} ${end.toString(16)}`),
    listed.map(([, start, end]) => `${parseInt(start, 16).toString(16)} ${parseInt(end, 16).toString(16)}`),
  );
  assertGreater(frames.length, 1000);
});

Deno.test("FrameReader reads damaged sections to an end without failing", () => {
  const { bytes, address } = section();
  for (let round = 0; round < 50; round++) {
    const damaged = bytes.slice(0, 4000 + round * 97);
    for (let at = round; at < damaged.length; at += 61 + round) damaged[at] = at * 31 + round;
    new FrameReader(damaged, address, (where) => where).read();
  }
});
