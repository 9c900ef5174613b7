/** The layouts against the header that they stand for. */
import { assertEquals, assertMatch } from "@std/assert";
import {
  FIGURE_FIELDS,
  READ,
  READ_MORE,
  READ_VERSION,
  Request,
  ROW,
  RowFlag,
} from "../../../src/count/interface.ts";

const HEADER = Deno.readTextFileSync(new URL("../../../kmod/include/uapi/tracer.h", import.meta.url));
const SIZES: Readonly<Record<string, number>> = { __u64: 8, __u32: 4, __s32: 4, char: 1 };

/** Member → offset, and the size, as a C compiler lays the struct out: every member is aligned to its own size. */
function layoutOf(name: string): { offsets: Record<string, number>; sizeBytes: number } {
  const body = new RegExp(`struct ${name} \\{([^}]*)\\}`).exec(HEADER)![1];
  const offsets: Record<string, number> = {};
  let offset = 0;
  for (const [, type, member, count] of body.matchAll(/^\t((?:struct )?\w+) (\w+)(?:\[(\d+)\])?;$/gm)) {
    const inner = type.startsWith("struct ") ? layoutOf(type.slice(7)) : undefined;
    const [size, alignment] = inner ? [inner.sizeBytes, 8] : [SIZES[type], SIZES[type]];
    offset = Math.ceil(offset / alignment) * alignment;
    offsets[member] = offset;
    for (const [field, at] of Object.entries(inner?.offsets ?? {})) offsets[field] = offset + at;
    offset += size * Number(count ?? 1);
  }
  return { offsets, sizeBytes: Math.ceil(offset / 8) * 8 };
}

Deno.test("the layout of a row is the header's", () => {
  const { offsets: { figures: _, ...offsets }, sizeBytes } = layoutOf("tracer_row");
  const { comm_rest, ...own } = ROW.offsets;
  assertEquals([own, ROW.sizeBytes, comm_rest], [offsets, sizeBytes, offsets.comm + 8] as unknown);
});

Deno.test("the layout of a read is the header's", () => {
  const { offsets: { totals: _, reserved, ...offsets }, sizeBytes } = layoutOf("tracer_read");
  const { reserved_0, reserved_1, reserved_2, reserved_3, ...own } = READ.offsets;
  assertEquals([own, READ.sizeBytes] as unknown[], [offsets, sizeBytes]);
  assertEquals([reserved_0, reserved_1, reserved_2, reserved_3], [0, 8, 16, 24].map((at) => reserved + at));
});

Deno.test("the figures are the header's, in its order", () => {
  assertEquals(Object.keys(FIGURE_FIELDS), Object.keys(layoutOf("tracer_figures").offsets));
});

/** _IOC() of asm-generic/ioctl.h, of the type that the header gives. */
function requestOf(direction: 1 | 3, number: number, sizeBytes: number): number {
  return (direction << 30 | sizeBytes << 16 | 1 << 8 | number) >>> 0;
}

Deno.test("the requests have the header's numbers, directions and sizes", () => {
  const pid = (name: string, number: number) =>
    assertMatch(HEADER, new RegExp(`#define ${name}\\s+_IOW\\(_IOC_WRITE, ${number}, __kernel_pid_t\\)`));
  pid("TRACER_ADD_PROCESS", 42);
  pid("TRACER_REMOVE_PROCESS", 43);
  pid("TRACER_ADD_TREE", 44);
  assertMatch(HEADER, /#define TRACER_READ\s+_IOWR\(_IOC_WRITE, 45, struct tracer_read\)/);
  assertEquals(Request, {
    addProcess: requestOf(1, 42, 4),
    removeProcess: requestOf(1, 43, 4),
    addTree: requestOf(1, 44, 4),
    read: requestOf(3, 45, READ.sizeBytes),
  } as unknown);
});

Deno.test("the version and the flags are the header's", () => {
  const defined = (name: string) => Number(new RegExp(`#define ${name}\\s+(\\w+)$`, "m").exec(HEADER)?.[1]);
  assertEquals([defined("TRACER_READ_VERSION"), defined("TRACER_READ_MORE")], [READ_VERSION, READ_MORE]);
  const flags = Object.keys(RowFlag).map((name) => defined(`TRACER_ROW_${name.toUpperCase()}`));
  assertEquals(flags, Object.values(RowFlag));
});
