/** Commands that say nothing clear: refused by their text alone, before anything is looked up. */
import { assertEquals } from "@std/assert";
import { attempt, command, fresh, read, refuse, targets } from "../kernel_module.ts";
import { Folder } from "../program.ts";

const encoder = new TextEncoder();

/** A module with two targets, so that there is something to disturb. */
function withTargets(run: (path: string, copy: string) => void): void {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  command(`+${path}:f_push 5 pid=${Deno.pid}`, `+${path}:f_push 6 tag=t`);
  run(path, folder.copy("bench_target", "other"));
}

Deno.test("EINVAL: no command, no separator, no path, no symbol, a relative path", () => {
  withTargets((path) =>
    refuse({
      EINVAL: [
        ...[
          "\n",
          " ",
          "+",
          "-",
          "=",
          "+\n",
          "*",
          "?",
          path,
          `${path}:f_push`,
          `*${path}:f_push`,
          `++${path}:f_push`,
        ],
        ...[
          `+${path}`,
          `+${path} 5`,
          `+${path}:`,
          `+${path}: 5`,
          "+:f_push",
          "+:f_push 5",
          "+: 5",
          "+:",
          "-:",
          "=: 5",
        ],
        ...[
          "+bench_target:f_push",
          "+./bench_target:f_push 5",
          "-bench_target:f_push",
          "=bench_target:f_push 5",
        ],
        ...[` +${path}:f_push`, `+ ${path}:f_push`, `- ${path}:f_push`, `= ${path}:f_push 5`, "- *", "-* *"],
        ...[
          "-@",
          "-#",
          "-#x",
          "-#-1",
          "-#1x",
          "-#0x1",
          "=@ 5",
          "=# 5",
          "-@a b",
          `-@${"t".repeat(65)}`,
          "-@t/t",
        ],
      ],
    })
  );
});

Deno.test("EINVAL: stray bytes behind a number, a name or a command", () => {
  withTargets((path) =>
    refuse({
      EINVAL: [
        ...[`+${path}:f_nop1 5pid=7`, `+${path}:f_nop1 5x`, `+${path}:f_nop1 5 6`, `+${path}:f_nop1 -5`],
        ...[`+${path}:f_nop1 +5`, `+${path}:f_nop1 5.0`, `+${path}:f_nop1 0x5`, `+${path}:f_nop1 5 pid=7x`],
        ...[
          `+${path}:f_nop1 5 pid=`,
          `+${path}:f_nop1 5 pid`,
          `+${path}:f_nop1 5 pid =7`,
          `+${path}:f_nop1 pid=1 5`,
        ],
        ...[
          "-* 5",
          "-*x",
          "-@t 5",
          "-#1 5",
          `-${path}:f_push 5`,
          "-* tag=t",
          "-* owner=1 owner=1",
          "-@t owner=1",
        ],
        ...[`+${path}:f_nop1\t5`, `+${path}:f_nop1 5\t`, `+${path}:f_nop1 5\r\n`, `+${path}:f_nop1 5\x7f`],
        ...[`+${path}:f\x01nop1 5`, `+${path}\n:f_nop1 5`, `+${path}:f_nop1\n5`, `+/a\tb:f_nop1`],
      ],
    })
  );
});

Deno.test("EINVAL: a NUL, a second line, several newlines", () => {
  withTargets((path) =>
    refuse({
      EINVAL: [
        ...[`+${path}:f_nop1 10\0zzz`, `+${path}:f_nop1 10\0`, `\0`, `+${path}\0:f_nop1 10`, `-*\0`],
        ...[`+${path}:f_nop1 10\n+${path}:f_mov 10\n`, `+${path}:f_nop1 10\n\n`, `\n+${path}:f_nop1 10`],
        ...[`+${path}:f_nop1 10\n-*`, `-*\n-*\n`, `-*\n `],
      ],
    })
  );
});

Deno.test("EINVAL: bytes of a symbol that are not printable, and broken percent-encoding", () => {
  withTargets((path) =>
    refuse({
      EINVAL: [
        encoder.encode(`+${path}:f_é 10`),
        new Uint8Array([...encoder.encode(`+${path}:f_nop1`), 0xff]),
        ...[`+${path}:f%`, `+${path}:f%4`, `+${path}:f%zz`, `+${path}:f%00`, `+${path}:%0`, `+${path}:f\x1f`],
      ],
    })
  );
});

Deno.test("EINVAL: an option that is unknown, repeated, empty, misspelt, or of another command", () => {
  withTargets((path) => {
    const add = `+${path}:f_nop1 5`;
    refuse({
      EINVAL: [
        ...["nothing=1", "PID=1", "pid=1 pid=1", "=1", "=", "every", "tag=", "tag=a/b", "tag=a,b", "tag=%41"],
        ...[
          `tag=${"t".repeat(65)}`,
          "on=2",
          "on=",
          "on=1",
          "on=0",
          "on=yes owner=1",
          "at=exit",
          "at=",
          "at=entryx",
        ],
        ...["how=", "how=spinx", "how=SLEEP", "compensate=2", "compensate=", "histogram=3", "histogram=1"],
        ...[
          "histogram=016",
          "every=-1",
          "every=1,5",
          "times=",
          "probability=0.5",
          "start=1s",
          "duration=1e9",
        ],
        ...[
          "offset=",
          "offset=123",
          "offset=0x",
          "offset=0xg",
          "offset=0x10,0x10",
          "offset=0x10?40=1,0x10?1=1",
          "offset=0x10,",
          "offset=,0x10",
          "offset=0x10,20",
        ],
        ...["offset=0x10?", "offset=0x10?=1", "offset=0x10?40", "offset=0x10?40=", "offset=0x10?40=2"],
        ...[
          "offset=0x10?0x40=1",
          "offset=0x10?zz=1",
          "offset=0X10",
          "floor=",
          "floor=1,",
          "floor=,1",
          "floor=1,2",
        ],
        ...[
          "offset=0x10,0x20 floor=1,2,3",
          "floor=-1",
          "dist=",
          "dist=fixed:1",
          "dist=uniform",
          "dist=uniform:",
        ],
        ...[
          "dist=uniform:1",
          "dist=uniform:1:",
          "dist=uniform:1:2:3",
          "dist=normal:1",
          "dist=exp",
          "dist=exp:",
        ],
        ...["dist=exp:1:2", "dist=Exp:1", "dist=exp:1ms", "owner=", "owner=x"],
      ].map((options) => `${add} ${options}`),
    });
    refuse({
      EINVAL: [
        ...["tag=u", "owner=1", "offset=0x10", "at=entry", "histogram=2"].map((option) => `=@t 5 ${option}`),
        ...["=* 5", "=* on=1", "=* owner=1", "=* on=1 owner=1 pid=1", "=* on=2 owner=1", "=* 5 on=1 owner=1"],
      ],
    });
  });
});

Deno.test("EINVAL: an update without a delay", () => {
  withTargets((path) =>
    refuse({ EINVAL: [`=${path}:f_push`, `=${path}:f_push every=2`, "=@t", "=#1", "=@t pid=0"] })
  );
});

Deno.test("ERANGE: numbers out of their ranges, however long", () => {
  withTargets((path) => {
    const add = `+${path}:f_nop1`;
    const huge = "9".repeat(400);
    refuse({
      ERANGE: [
        ...[
          `${add} 10000000001`,
          `${add} 18446744073709551616`,
          `${add} 18446744073709551621`,
          `${add} ${huge}`,
        ],
        ...["pid=0", "pid=2147483648", "pid=4294967297", `pid=${huge}`, "owner=0", "owner=4294967297"],
        ...["every=0", "every=9223372036854775808", `every=${huge}`, "times=9223372036854775808"],
        ...["probability=1000001", "start=2592000000000001", "duration=2592000000000001", `start=${huge}`],
        ...[
          "dist=uniform:2:1",
          "dist=uniform:0:10000000001",
          "dist=normal:10000000001:0",
          "dist=exp:10000000001",
        ],
        ...["floor=1000000001", "offset=0x8000000000000000", `offset=0x${huge}`, "offset=0x10?0=1"],
      ].map((words) => words.startsWith("+") ? words : `${add} 5 ${words}`),
    });
    refuse({ ERANGE: ["=@t 10000000001", "-* owner=0", `-#${huge}`, `=#18446744073709551616 5`] });
  });
});

Deno.test("what is malformed is EINVAL even where a number is out of range too", () => {
  withTargets((path) =>
    refuse({
      EINVAL: [`+${path}:f_nop1 10000000001 x`, `+${path}:f_nop1 5 every=0 nothing=1`, "=@t every=0"],
    })
  );
});

Deno.test("ENAMETOOLONG: a symbol over 1023 bytes, a line over 4095", () => {
  withTargets((path) => {
    const line = (length: number) => `+${path}:f_nop1 5`.padEnd(length - 1, " ") + "\n";
    refuse({
      ENAMETOOLONG: [
        `+${path}:${"s".repeat(1024)} 5`,
        `-${path}:${"s".repeat(1024)}`,
        line(4096),
        "\n".repeat(4096),
        line(4096).replaceAll(" ", "\0"),
      ],
      ENOENT: [`+${path}:${"s".repeat(1023)} 5`, `+${path}:${"%73".repeat(1023)} 5`],
    });
    command(line(4095));
    assertEquals(targets().length, 3);
  });
});

Deno.test("a line longer than a page is one refusal: its rest is no second command", () => {
  withTargets((path) => {
    const before = read("targets_list");
    const rest = `+${path}:f_mov 77`;
    attempt(`+${path}:f_nop1 5`.padEnd(4096, " ") + rest);
    assertEquals(read("targets_list"), before);
  });
});

Deno.test("spaces between words and at the end, and one newline, are taken", () => {
  withTargets((path) => {
    command(`+${path}:f_nop1   5    tag=spaced   \n`, "=@spaced   7  ", "-@spaced \n", `-${path}:f_push  `);
    assertEquals(targets(), []);
  });
});

Deno.test("a colon in a path is part of it: the last one that leaves a symbol separates", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target", "with:colon");
  command(`+${path}:f_push 5`);
  assertEquals(targets().map((row) => [row.path, row.symbol]), [[path, "f_push"]]);
  refuse({ ENOENT: [`+${path.replace(":colon", "")}:f_push 5`] });
});
