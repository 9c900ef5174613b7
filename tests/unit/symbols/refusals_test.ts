/** Every way in which a target is refused, each with its own message and the way on. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { planSites, resolveTarget } from "../../../src/symbols/mod.ts";
import { SbError } from "../../../src/core/mod.ts";
import { addressOf, Folder, refusalOf, run } from "./compile.ts";

const LIBC = resolveTarget("libc.so.6:malloc")[0].file.path;

Deno.test("an import is refused with the library that defines it and the target to use", () => {
  using folder = new Folder();
  const path = folder.compile("program", "int main(void) { return (int)(long)malloc(3); }");
  const refusal = refusalOf(`${path}:malloc%return`);
  assertEquals(refusal.code, "probe.symbol_undefined");
  assertEquals(
    refusal.message,
    `Cannot probe "${path}:malloc%return": "${path}" does not define malloc, "${LIBC}" does`,
  );
  assertEquals(refusal.hint, `Use ${LIBC}:malloc%return`);
  assertEquals(refusal.data.target, `${LIBC}:malloc%return`);
  assertEquals(resolveTarget(refusal.data.target as string)[0].symbol, "malloc");
});

Deno.test("a pattern that matches nothing but imports is refused as they are", () => {
  using folder = new Folder();
  const path = folder.compile("program", "int main(void) { return (int)(long)malloc(3); }");
  const refusal = refusalOf(`${path}:mallo*`);
  assertEquals(refusal.code, "probe.symbol_undefined");
  assertEquals(refusal.hint, `Use ${LIBC}:malloc`);
});

Deno.test("an import that no library defines is refused with how to see what is loaded", () => {
  using folder = new Folder();
  const path = folder.library("libasks.so", "extern int nowhere(int); int f(void) { return nowhere(1); }");
  const refusal = refusalOf(`${path}:nowhere`);
  assertEquals(refusal.code, "probe.symbol_undefined");
  assertEquals(
    refusal.message,
    `Cannot probe "${path}:nowhere": "${path}" imports nowhere, and no library that it loads defines it`,
  );
  assertEquals(refusal.hint, `See what it loads: ldd ${path}`);
});

Deno.test("a function of a library that the program does not even import is named too", () => {
  using folder = new Folder();
  const path = folder.compile("program", "int main(void) { return 0; }");
  assertEquals(refusalOf(`${path}:qsort`).hint, `Use ${LIBC}:qsort`);
});

Deno.test("data is refused as data", () => {
  using folder = new Folder();
  const path = folder.library("libdata.so", "int table[4] = {1}; int f(void) { return table[0]; }");
  const refusal = refusalOf(`${path}:table`);
  assertEquals(refusal.code, "probe.symbol_data");
  assertEquals(refusal.message, `Cannot probe "${path}:table": table is data, not a function`);
  assertEquals(refusal.hint, `List the functions: sb symbols ${path}`);
  assertEquals(refusalOf(`${path}:tab*`).code, "probe.symbol_not_found");
});

Deno.test("an IFUNC of libc is refused with the implementation in use, which is a target", () => {
  const refusal = refusalOf("libc.so.6:memcpy");
  assertEquals(refusal.code, "probe.symbol_ifunc");
  assertMatch(
    refusal.message,
    /^Cannot probe "libc\.so\.6:memcpy": memcpy is an IFUNC; the implementation in use is \S+ 0x[0-9a-f]+$/,
  );
  const use = /^Use (\S+)$/.exec(refusal.hint ?? "")?.[1] ?? "";
  assertEquals(resolveTarget(use).length, 1);
});

Deno.test("an IFUNC of a file that sb has not loaded is refused with its candidates", () => {
  using folder = new Folder();
  const source = `int choose_a(int x) { return x; } int choose_b(int x) { return -x; }
    static void *pick(void) { return choose_a; } int choose(int) __attribute__((ifunc("pick")));`;
  const path = folder.library("libchoose.so", source);
  const refusal = refusalOf(`${path}:choose`);
  assertEquals(refusal.code, "probe.symbol_ifunc");
  assertStringIncludes(refusal.message, "choose is an IFUNC, which chooses an implementation at run time");
  assertStringIncludes(refusal.message, "choose_a");
  assertStringIncludes(refusal.message, "choose_b");
  assertMatch(refusal.hint ?? "", new RegExp(`^Use ${path}:choose_[ab]$`));
});

Deno.test("an offset outside the executable segments is refused", () => {
  for (const offset of ["0x0", "0x7fffffff", "0x1fffffffffffff"]) {
    const refusal = refusalOf(`${LIBC}:${offset}`);
    assertEquals(refusal.code, "probe.site_not_executable");
    assertEquals(
      refusal.message,
      `Cannot probe "${LIBC}:${offset}": ${offset} is outside the executable segments of "${LIBC}"`,
    );
    assertEquals(refusal.hint, `List the functions and their offsets: sb symbols ${LIBC}`);
  }
});

Deno.test("an offset beyond a function's end is refused with its size", () => {
  using folder = new Folder();
  const path = folder.library("libf.so", "int f(int x) { return x * 3; } int g(int x) { return x; }");
  const [{ sizeBytes }] = resolveTarget(`${path}:f`);
  const refusal = refusalOf(`${path}:f+0x${sizeBytes.toString(16)}`);
  assertEquals(refusal.code, "probe.site_not_executable");
  assertStringIncludes(refusal.message, `f is ${sizeBytes} bytes long`);
  assertEquals(refusal.hint, `Use an offset below 0x${sizeBytes.toString(16)}`);
});

Deno.test("an address inside an instruction is refused", () => {
  using folder = new Folder();
  const assembly = ".text\n.globl f\n.type f,@function\nf: movl $0x12345678,%eax\nret\n.size f,.-f\n";
  const path = `${folder.path}/a.so`;
  if (Deno.build.arch !== "x86_64") return; // arm64 has no inside that a 4-byte alignment does not tell
  run("gcc", "-shared", "-nostdlib", folder.write("a.s", assembly), "-o", path);
  const [inside] = resolveTarget(`${path}:f+0x2`);
  try {
    planSites(inside);
  } catch (error) {
    assert(error instanceof SbError);
    assertEquals(error.code, "probe.site_inside_instruction");
    assertStringIncludes(error.message, `Cannot probe "${path}:f+0x2"`);
    assertEquals(planSites(resolveTarget(`${path}:f+0x5`)[0]).sites.length, 1);
    return;
  }
  throw new Error("it was not refused");
});

Deno.test("an ambiguous demangled name lists its candidates with their mangled names", () => {
  using folder = new Folder();
  const path = folder.compile("libover.so", "int f(int x) { return x; } int f(char x) { return -x; }", {
    language: "cpp",
    args: ["-shared", "-fPIC"],
  });
  const refusal = refusalOf(`${path}:f%return`);
  assertEquals(refusal.code, "probe.symbol_ambiguous");
  assertStringIncludes(refusal.message, `Cannot choose "${path}:f%return": 2 functions have that name: `);
  assertStringIncludes(refusal.message, "_Z1fi (f(int))");
  assertStringIncludes(refusal.message, "_Z1fc (f(char))");
  assertMatch(refusal.hint ?? "", new RegExp(`^Name one: ${path}:_Z1f[ic]%return$`));
  assertEquals(resolveTarget(`${path}:f(char)`)[0].symbol, "_Z1fc");
});

Deno.test("static functions of one name are told apart by their offsets", () => {
  using folder = new Folder();
  const unit = (name: string, factor: number) =>
    folder.write(
      `${name}.c`,
      `static __attribute__((noinline)) int same(int x) { return x * ${factor} + 1; }
       int ${name}(int x) { return same(x) - 1; }`,
    );
  const path = `${folder.path}/libtwo.so`;
  run("gcc", "-O1", "-shared", "-fPIC", unit("one", 3), unit("two", 7), "-o", path);
  const refusal = refusalOf(`${path}:same`);
  assertEquals(refusal.code, "probe.symbol_ambiguous");
  const first = `0x${addressOf(path, "same").toString(16)}`;
  assertStringIncludes(refusal.message, first);
  const use = (refusal.hint ?? "").replace("Name one: ", "");
  assertEquals(resolveTarget(use).length, 1);
  assertEquals(resolveTarget(`${path}:sam*`).length, 2);
});

Deno.test("no match names the nearest, of demangled names too", () => {
  using folder = new Folder();
  const source = `struct Foo { int compute(int); }; int Foo::compute(int x) { return x; }
    extern "C" int plain_function(int x) { return x; }`;
  const path = folder.compile("libnear.so", source, { language: "cpp", args: ["-shared", "-fPIC"] });
  const plain = refusalOf(`${path}:plain_funktion`);
  assertEquals(plain.code, "probe.symbol_not_found");
  assertEquals(
    plain.message,
    `Cannot find "${path}:plain_funktion": "${path}" has no such function; the nearest are plain_function`,
  );
  assertEquals(plain.hint, `Use ${path}:plain_function`);
  assertEquals(refusalOf(`${path}:Foo::comptue`).hint, `Use ${path}:Foo::compute`);
  const far = refusalOf(`${path}:zzzzzzzz`);
  assertEquals(far.message, `Cannot find "${path}:zzzzzzzz": "${path}" has no such function`);
  assertEquals(far.hint, `List what is there: sb symbols ${path}`);
  assertEquals(refusalOf(`${path}:zzz*`).code, "probe.symbol_not_found");
  assertEquals(refusalOf(`${path}:/^zzz/`).code, "probe.symbol_not_found");
});

Deno.test("a file without functions says so", () => {
  using folder = new Folder();
  const path = folder.library("libdata.so", "int only_data = 3;", ["-nostdlib"]);
  assertEquals(
    refusalOf(`${path}:anything`).message,
    `Cannot find "${path}:anything": "${path}" has no function symbols`,
  );
});

/** A copy of a program with some bytes changed. */
function altered(folder: Folder, change: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const path = folder.library("libelf.so", "int f(int x) { return x; }");
  const bytes = Deno.readFileSync(path);
  change(bytes);
  Deno.writeFileSync(path, bytes);
  return path;
}

const MACHINES: [what: string, change: (bytes: Uint8Array) => void, seen: string, hint: string][] = [
  [
    "another machine's ELF",
    (bytes) => bytes[18] = Deno.build.arch === "x86_64" ? 183 : 62,
    "it is made for ",
    "Run sb on a machine of that kind",
  ],
  [
    "a machine that sb knows no name of",
    (bytes) => bytes.set([0xef, 0xbe], 18),
    "it is made for machine 48879, this machine is ",
    "Run sb on a machine of that kind",
  ],
  [
    "an object file's type",
    (bytes) => bytes[16] = 1,
    "it is an object file, which is not linked yet",
    "Link it and name the result",
  ],
  ["a core dump's type", (bytes) => bytes[16] = 4, "it is a core dump", "Name a program or a shared library"],
  [
    "an unknown type",
    (bytes) => bytes[16] = 77,
    "its ELF type 77 never runs",
    "Name a program or a shared library",
  ],
];

for (const [what, change, seen, hint] of MACHINES) {
  Deno.test(`${what} is refused`, () => {
    using folder = new Folder();
    const path = altered(folder, change);
    const refusal = refusalOf(`${path}:f`);
    assertEquals(refusal.code, "file.machine");
    assertStringIncludes(refusal.message, `Cannot use "${path}": ${seen}`);
    assertEquals(refusal.hint, hint);
  });
}

Deno.test("a 32-bit ELF is refused", () => {
  using folder = new Folder();
  // A 32-bit header of 52 bytes, no segments, no sections: i386, a program.
  const header = new Uint8Array(128);
  header.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  header.set([2, 0, 3, 0, 1], 16);
  header.set([52, 0, 32, 0, 0, 0, 40], 40);
  Deno.writeFileSync(`${folder.path}/old`, header);
  const refusal = refusalOf(`${folder.path}/old:main`);
  assertEquals(refusal.code, "file.machine");
  assertEquals(refusal.message, `Cannot use "${folder.path}/old": it is a 32-bit ELF file`);
  assertEquals(refusal.hint, "Use the 64-bit build of the program");
});

Deno.test("more executable segments than a program can have are refused", () => {
  using folder = new Folder();
  const path = altered(folder, () => {});
  const bytes = Deno.readFileSync(path);
  const count = 2000;
  const damaged = new Uint8Array(bytes.length + count * 56);
  damaged.set(bytes);
  const view = new DataView(damaged.buffer);
  for (let index = 0; index < count; index++) {
    const at = bytes.length + index * 56;
    view.setUint32(at, 1, true); // PT_LOAD
    view.setUint32(at + 4, 5, true); // readable, executable
    view.setBigUint64(at + 32, 16n, true);
    view.setBigUint64(at + 40, 16n, true);
  }
  view.setBigUint64(32, BigInt(bytes.length), true);
  view.setUint16(56, count, true);
  Deno.writeFileSync(path, damaged);
  const refusal = refusalOf(`${path}:f`);
  assertEquals(refusal.code, "file.not_elf");
  assertEquals(refusal.message, `Cannot use "${path}": it claims 2000 executable segments`);
  assertEquals(refusal.hint, "Build or install it again");
});

Deno.test("a real object file is refused", () => {
  using folder = new Folder();
  const path = folder.compile("f.o", "int f(int x) { return x; }", { args: ["-c"] });
  assertStringIncludes(refusalOf(`${path}:f`).message, "it is an object file, which is not linked yet");
});

Deno.test("what is no ELF file is refused", () => {
  using folder = new Folder();
  for (const text of ["", "x", "hello, this is a text\n".repeat(20), "\x7fELF"]) {
    const path = folder.write("text", text);
    const refusal = refusalOf(`${path}:f`);
    assertEquals(refusal.code, "file.not_elf");
    assertEquals(refusal.message, `Cannot read symbols of "${path}": it is not an ELF file`);
    assertEquals(refusal.hint, `Name a program or a shared library; to see what it is: file -L ${path}`);
  }
});

Deno.test("folders, FIFOs, sockets and devices are refused without being opened", () => {
  using folder = new Folder();
  run("mkfifo", `${folder.path}/fifo`);
  using _socket = Deno.listen({ transport: "unix", path: `${folder.path}/socket` });
  const kinds = { "": "a directory", "/fifo": "a FIFO", "/socket": "a socket" };
  for (const [name, kind] of Object.entries(kinds)) {
    const path = folder.path + name;
    const refusal = refusalOf(`${path}:f`);
    assertEquals(refusal.code, "file.not_elf");
    assertEquals(refusal.message, `Cannot use "${path}": it is ${kind}, not an ELF file`);
    assert(refusal.hint);
  }
  assertStringIncludes(refusalOf("/dev/null:f").message, "it is a device, not an ELF file");
});

Deno.test("a path that leads nowhere is refused with where to look", () => {
  using folder = new Folder();
  const refusal = refusalOf(`${folder.path}/missing:f`);
  assertEquals(refusal.code, "file.not_found");
  assertEquals(refusal.message, `Cannot find "${folder.path}/missing": there is no such file`);
  assertEquals(refusal.hint, `Look what is there: ls ${folder.path}`);
});

Deno.test("a name that is no program and no library is refused with the nearest of those loaded", () => {
  const refusal = refusalOf("libx.so.6:malloc", { command: ["/bin/ls"] });
  assertEquals(refusal.code, "file.not_found");
  assertEquals(
    refusal.message,
    'Cannot find "libx.so.6": it is no file, no program in PATH and no library that is loaded',
  );
  assertStringIncludes(refusal.hint ?? "", "libc.so.6");
  const none = refusalOf("no-such-thing-at-all:f");
  assertStringIncludes(none.message, "no library of the system");
  assertEquals(none.hint, "Write the path of the file");
});

Deno.test("a process that is not there is refused", () => {
  assertEquals(refusalOf("libc.so.6:malloc", { pid: 2 ** 22 + 1 }).code, "process.not_found");
});
