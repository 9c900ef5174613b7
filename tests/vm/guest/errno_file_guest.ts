/** Files that cannot be probed: refused with the errno of the table, at once, and let go of. */
import { assertEquals } from "@std/assert";
import { fixture } from "../../fixtures/build.ts";
import { ElfBytes, Header, SectionType } from "../elf_bytes.ts";
import { attempt, command, fresh, refuse, run, shell, targets } from "../kernel_module.ts";
import { Folder } from "../program.ts";

Deno.test("ENOENT: no such file, no such folder, no such symbol", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  refuse({
    ENOENT: [
      ...[
        `+${path}x:f_push 5`,
        `+/nowhere/at/all:f_push 5`,
        `+${path}:f_push_ 5`,
        `+${path}:f_pus 5`,
        `+${path}:F_PUSH 5`,
      ],
      ...[`+${path}:functions.c 5`, `+${path}:.text 5`, `+${path}:%20 5`],
    ],
  });
});

Deno.test("what is no regular file is refused at once, and nobody waits behind it", () => {
  using _module = fresh();
  using folder = new Folder();
  const at = (name: string) => `${folder.path}/${name}`;
  shell(`cd ${folder.path} && mkfifo fifo && mkdir folder && ln -s loop loop && ln -s nowhere dangling`);
  using _socket = Deno.listen({ transport: "unix", path: at("socket") });
  refuse({
    ENOEXEC: [
      ...["fifo", "folder", "socket"].map((name) => `+${at(name)}:f_push 5`),
      ...["/dev/null", "/dev/zero", "/dev/ttyS0", "/dev", "/proc", "/"].map((path) => `+${path}:f_push 5`),
      ...["/proc/self/maps", "/proc/kmsg", "/proc/self/mem", "/sys/kernel/speed_bump/targets_list"].map((
        path,
      ) => `+${path}:f_push 5`),
    ],
    ENOENT: [`+${at("dangling")}:f_push 5`],
  });
  // The kernel's own answers to a path that leads nowhere.
  refuse({
    ENOENT: [`+${at("nothing")}/x:f_push 5`, `+${at("fifo/x")}:f_push 5`, `+${at("loop")}:f_push 5`],
  });
});

Deno.test("files without an ELF header of this machine's programs are ENOEXEC", () => {
  using _module = fresh();
  using folder = new Folder();
  const whole = Deno.readFileSync(fixture("bench_target"));
  const files: Record<string, string | Uint8Array> = {
    empty: "",
    one: "\x7f",
    magic: "\x7fELF",
    script: "#!/bin/sh\necho f_push\n",
    header: whole.slice(0, 63),
    "header alone": whole.slice(0, 64),
    half: whole.slice(0, whole.length / 2),
    short: whole.slice(0, whole.length - 1),
  };
  for (const [name, content] of Object.entries(files)) {
    const path = folder.write(name.replace(" ", "_"), content);
    assertEquals(attempt(`+${path}:f_push 5`), "ENOEXEC", name);
  }
  for (const name of ["relocatable.o", "program_32"] as const) {
    assertEquals(attempt(`+${folder.copy(name)}:f_push 5`), "ENOEXEC", name);
  }
  assertEquals(targets(), []);
});

/** Damage to a sound file, by what it is. */
const DAMAGE: Record<string, (elf: ElfBytes) => void> = {
  "32-bit": (elf) => elf.bytes[4] = 1,
  "big-endian": (elf) => elf.bytes[5] = 2,
  "no version": (elf) => elf.bytes[6] = 0,
  "relocatable by its header": (elf) => elf.put16(Header.type, 1),
  "a core": (elf) => elf.put16(Header.type, 4),
  "another machine": (elf) => elf.put16(Header.machine, 183),
  "program headers of another size": (elf) => elf.put16(Header.phentsize, 32),
  "no program headers": (elf) => elf.put16(Header.phnum, 0),
  "program headers behind the end": (elf) => elf.put64(Header.phoff, elf.bytes.length),
  "program headers at the end of numbers": (elf) => elf.put64(Header.phoff, 2n ** 64n - 8n),
  "section headers of another size": (elf) => elf.put16(Header.shentsize, 40),
  "section headers of no size": (elf) => elf.put16(Header.shentsize, 0),
  "section headers behind the end": (elf) => elf.put64(Header.shoff, elf.bytes.length - 8),
  "section headers at the end of numbers": (elf) => elf.put64(Header.shoff, 2n ** 64n - 64n),
  "more sections than bytes": (elf) => elf.put16(Header.shnum, 0xfeff),
  "symbols behind the end": (elf) => elf.put64(elf.section(SectionType.symtab).at + 24, elf.bytes.length),
  "symbols without end": (elf) => elf.put64(elf.section(SectionType.symtab).at + 32, 24n * 2n ** 58n),
  "symbols of no size": (elf) => elf.put64(elf.section(SectionType.symtab).at + 56, 0),
  "strings in no section": (elf) => elf.put32(elf.section(SectionType.symtab).at + 40, 0xffff),
  "strings without end": (elf) => elf.put64(strings(elf).at + 32, 2n ** 63n),
  "no strings": (elf) => elf.put64(strings(elf).at + 32, 0),
  "the last string without its NUL": (elf) => elf.bytes[strings(elf).offset + strings(elf).size - 1] = 0x41,
  "names behind the strings": (elf) => elf.put32(elf.section(SectionType.symtab).offset + 24, 0xfffffff0),
  "a segment longer than the file": (elf) => elf.put64(elf.segmentsToLoad[1] + 32, 2n ** 40n),
  "a segment that wraps around": (elf) => elf.put64(elf.segmentsToLoad[1] + 8, 2n ** 64n - 4096n),
};

function strings(elf: ElfBytes) {
  return elf.sections[elf.section(SectionType.symtab).link];
}

Deno.test("ENOEXEC: a sound file with one thing damaged, whatever it is", () => {
  using _module = fresh();
  using folder = new Folder();
  const sound = ElfBytes.read(fixture("bench_target"));
  for (const [what, damage] of Object.entries(DAMAGE)) {
    const elf = sound.copy();
    damage(elf);
    const path = folder.write(what.replaceAll(" ", "_"), elf.bytes);
    assertEquals(attempt(`+${path}:f_push 5`), "ENOEXEC", what);
  }
  assertEquals(targets(), []);
  command(`+${folder.write("sound", sound.bytes)}:f_push 5`);
});

Deno.test("a file without sections is an ELF without symbols: ENOENT, and by offset it can be probed", () => {
  using _module = fresh();
  using folder = new Folder();
  const elf = ElfBytes.read(fixture("bench_target"));
  const offset = elf.fileOffset("f_push");
  elf.put64(Header.shoff, 0);
  elf.put16(Header.shnum, 0);
  const path = folder.write("bare", elf.bytes);
  refuse({ ENOENT: [`+${path}:f_push 5`] });
  command(`+${path}:f_push 5 offset=0x${offset.toString(16)}`);
});

Deno.test("EADDRNOTAVAIL: imports, data, IFUNCs, the inside of an instruction, what the kernel refuses", () => {
  using _module = fresh();
  using folder = new Folder();
  for (const name of ["odd_symbols", "odd_symbols_one_segment"] as const) {
    const path = folder.copy(name);
    refuse({
      EADDRNOTAVAIL: ["table", "constants", "which", "chosen", "inside", "refused", "undefined_weak"].map((
        symbol,
      ) => `+${path}:${symbol} 5`),
    });
    command(`+${path}:plain 5`);
  }
});

Deno.test("EADDRNOTAVAIL: offsets outside of code, and at an instruction that the kernel refuses", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("odd_symbols");
  const elf = ElfBytes.read(path);
  const offsets = [0, 64, elf.fileOffset("constants"), elf.fileOffset("refused"), elf.bytes.length, 2 ** 40];
  refuse({ EADDRNOTAVAIL: offsets.map((offset) => `+${path}:label 5 offset=0x${offset.toString(16)}`) });
  const good = elf.fileOffset("plain").toString(16);
  refuse({
    EADDRNOTAVAIL: [`+${path}:label 5 offset=0x${good},0x0`, `+${path}:label 5 offset=0x0,0x${good}`],
  });
});

Deno.test("a name is one of a symbol as a whole, with %XX for bytes that cannot be written", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("odd_symbols");
  command(`+${path}:with%20space%2c%20comma%3Acolon 5`, `+${path}:with%25percent 5`, `+${path}:%70lain 5`);
  assertEquals(targets().map(({ symbol }) => symbol), ["with space, comma:colon", "with%percent", "plain"]);
  refuse({ EEXIST: [`+${path}:plain 5`] });
});

Deno.test("a module that is refused a file holds none: its file system can be unmounted", () => {
  using _module = fresh();
  using folder = new Folder();
  shell(`mkdir ${folder.path}/mount && mount -t tmpfs tmpfs ${folder.path}/mount`);
  Deno.copyFileSync(fixture("relocatable.o"), `${folder.path}/mount/relocatable`);
  Deno.copyFileSync(fixture("odd_symbols"), `${folder.path}/mount/odd`);
  const places = [
    "relocatable:f_push",
    "odd:chosen",
    "odd:nothing",
    "odd:plain 5 pid=4194303",
    "odd:plain 5 offset=0x0",
  ];
  for (const place of places) attempt(`+${folder.path}/mount/${place}`);
  assertEquals(targets(), []);
  assertEquals(run("umount", `${folder.path}/mount`), { code: 0, text: "" });
});
