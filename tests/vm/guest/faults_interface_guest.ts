/** Where the interface once said one thing and did another: one test a fault. */
import { assertEquals } from "@std/assert";
import { attempt, command, fresh, read, refuse, ROOT, shell, targets } from "../kernel_module.ts";
import { Folder } from "../program.ts";

function withProgram(run: (path: string, folder: Folder) => void): void {
  using _module = fresh();
  using folder = new Folder();
  run(folder.copy("bench_target"), folder);
}

Deno.test("a file that is no ELF, a 32-bit one and a folder are ENOEXEC, not ENOENT", () => {
  withProgram((_, folder) =>
    refuse({
      ENOEXEC: [folder.write("script", "#!/bin/sh\n"), folder.copy("program_32"), folder.path].map((path) =>
        `+${path}:f_push 5`
      ),
    })
  );
});

Deno.test("an empty path is EINVAL, not ENAMETOOLONG", () => {
  withProgram(() => refuse({ EINVAL: ["+:f_push 5", "-:f_push", "=:f_push 5"] }));
});

Deno.test("a symbol is checked to its last byte", () => {
  withProgram((path) =>
    refuse({ EINVAL: [`+${path}:f_push\x01 5`, `+${path}:f_pu\x7fsh 5`, `+${path}:f_pushä 5`] })
  );
});

Deno.test("a path with a newline cannot forge a line of the list", () => {
  withProgram((path, folder) => {
    const forged = `${folder.path}/a\nb`;
    Deno.copyFileSync(path, forged);
    Deno.symlinkSync(forged, `${folder.path}/link`);
    refuse({ EINVAL: [`+${forged}:f_push 5`] });
    command(`+${folder.path}/link:f_push 5`);
    const found = shell(
      `exec 9<"${folder.path}/link"; echo "+/proc/self/fd/9:f_nop1 5" 2>&1 >${ROOT}/targets || true`,
    );
    const lines = read("targets_list").trim().split("\n");
    assertEquals(
      lines.every((line) => /^\/\S+:f_\w+ delay_ns=5 /.test(line)),
      true,
      found + lines.join("\n"),
    );
  });
});

Deno.test("an update without a delay is refused, though it names a target", () => {
  withProgram((path) => {
    command(`+${path}:f_push 5`);
    refuse({ EINVAL: [`=${path}:f_push`, `=${path}:f_push\n`, `=${path}:f_push every=2`] });
  });
});

Deno.test("a delay ends where its digits end: 5pid=7 and 10\\0zzz are refused", () => {
  withProgram((path) =>
    refuse({ EINVAL: [`+${path}:f_push 5pid=7`, `+${path}:f_push 10\0zzz`, `+${path}:f_push 5,`] })
  );
});

Deno.test("two lines in one write are refused, and neither is carried out", () => {
  withProgram((path) =>
    refuse({ EINVAL: [`+${path}:f_push 5\n+${path}:f_nop1 5\n`, `+${path}:f_push 5\n\0`] })
  );
});

Deno.test("a list longer than a page is whole, however small the reads", () => {
  withProgram((path, folder) => {
    const count = 200;
    for (let id = 0; id < count; id++) command(`+${path}:f_push 5 tag=${"t".repeat(50)}${id}`);
    const whole = read("targets_list");
    assertEquals(whole.trim().split("\n").length, count);
    for (const bytes of [1000, 4096, 65536]) {
      assertEquals(shell(`dd if=${ROOT}/targets_list bs=${bytes} status=none`), whole);
    }
    assertEquals(shell(`head -c 5000 ${ROOT}/targets_list`), whole.slice(0, 5000));
    assertEquals(shell(`cat ${ROOT}/targets_list > ${folder.path}/copy; cat ${folder.path}/copy`), whole);
  });
});

Deno.test("a space at the end of a removal is nothing, not a part of the symbol", () => {
  withProgram((path) => {
    command(`+${path}:f_push 5 `, `-${path}:f_push `, `+${path}:f_push 5`, `-${path}:f_push  \n`);
    assertEquals(targets(), []);
    assertEquals(attempt(`-${path}:f_push `), "ENOENT");
  });
});

Deno.test("a reader that is at the end of a list stays there, and may begin again", () => {
  withProgram((path) => {
    command(`+${path}:f_push 5 tag=t`);
    const seen = shell(`exec 3<${ROOT}/targets_list; cat <&3 > /dev/null; cat <&3
      echo "+${path}:f_nop1 5" > ${ROOT}/targets; cat <&3; cat <&3; cat ${ROOT}/targets_list`);
    assertEquals(seen, read("targets_list"));
  });
});
