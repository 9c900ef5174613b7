/** From targets to functions, on real ELF files: names, versions, patterns, languages, debug files. */
import { assert, assertEquals, assertFalse, assertNotEquals, assertStringIncludes } from "@std/assert";
import { openDescriptors } from "../../../ffi/mod.ts";
import { resolve, resolveTarget } from "../../../src/symbols/mod.ts";
import { fixture } from "../../fixtures/build.ts";
import { addressOf, Folder, refusalOf, run } from "./compile.ts";

const VERSIONED = `
__attribute__((noinline)) int foo_old(int x) { return x + 1; }
__attribute__((noinline)) int foo_new(int x) { return x * 3; }
__attribute__((noinline)) int gone(int x) { return x - 7; }
int food(int x) { return x ^ 5; }
__asm__(".symver foo_old,foo@V1");
__asm__(".symver foo_new,foo@@V2");
__asm__(".symver gone,compat@V1");
`;
const VERSION_SCRIPT = `V1 { global: foo; compat; local: *; }; V2 { global: foo; food; } V1;`;

function versioned(folder: Folder): string {
  const script = folder.write("versions", VERSION_SCRIPT);
  return folder.library("libver.so", VERSIONED, [`-Wl,--version-script=${script}`]);
}

Deno.test("resolveTarget() takes a name for its default version, and an old one when it is named", () => {
  using folder = new Folder();
  const path = versioned(folder);
  const offsetOf = (place: string) => resolveTarget(`${path}:${place}`)[0].fileOffset;
  assertEquals(offsetOf("foo"), addressOf(path, "foo_new"));
  assertEquals(offsetOf("foo@V2"), addressOf(path, "foo_new"));
  assertEquals(offsetOf("foo@@V2"), addressOf(path, "foo_new"));
  assertEquals(offsetOf("foo@V1"), addressOf(path, "foo_old"));
  assertNotEquals(offsetOf("foo"), offsetOf("foo@V1"));
  assertEquals(refusalOf(`${path}:foo@V3`).code, "probe.symbol_not_found");
  run("strip", path);
  assertNotEquals(offsetOf("foo"), offsetOf("foo@V1"));
});

Deno.test("patterns leave old versions out and say so", () => {
  using folder = new Folder();
  const path = versioned(folder);
  run("strip", path);
  const { functions, notes } = resolve(`${path}:/^(foo|compat)/`);
  assertEquals(functions.map(({ symbol }) => symbol).sort(), ["foo", "food"]);
  assertEquals(notes, [
    `2 old versions that "${path}:/^(foo|compat)/" matches were left out (compat@V1, foo@V1): ` +
    "name it with its version",
  ]);
  assertEquals(
    refusalOf(`${path}:comp*`).message,
    `Cannot find "${path}:comp*": only compiler-made copies and old versions match: compat@V1`,
  );
  assertEquals(resolve(`${path}:food*`).notes, []);
});

const IFUNC = `
typedef int (*implementation)(int);
int choose_slow(int x) { return x + 1; }
int choose_fast(int x) { return x + 2; }
static implementation resolve_choose(void) { return choose_fast; }
int choose(int) __attribute__((ifunc("resolve_choose")));
int chosen(int x) { return x - 1; }
`;

Deno.test("patterns leave IFUNCs and their resolvers out", () => {
  using folder = new Folder();
  const path = folder.library("libifunc.so", IFUNC);
  const names = (pattern: string) => resolveTarget(`${path}:${pattern}`).map(({ symbol }) => symbol).sort();
  assertEquals(names("*choose*"), ["choose_fast", "choose_slow"]);
  assertEquals(names("cho*"), ["choose_fast", "choose_slow", "chosen"]);
  const [note] = resolve(`${path}:cho*`).notes;
  assertStringIncludes(note, "1 IFUNC that ");
  assertStringIncludes(note, "(choose)");
  assertEquals(refusalOf(`${path}:choos[e]`).code, "probe.symbol_ifunc");
});

Deno.test("a glob over libc takes functions that are called, none that a hit could not be of", () => {
  const { functions, notes } = resolve("libc.so.6:mem*");
  const names = functions.map(({ symbol }) => symbol);
  assert(names.includes("memmem"));
  for (const wrong of ["memchr_ifunc", "memcpy", "memchr"]) assertFalse(names.includes(wrong), wrong);
  assertEquals(new Set(functions.map(({ fileOffset }) => fileOffset)).size, functions.length);
  assertStringIncludes(notes.join("\n"), "IFUNC");
});

const COPIES = `
.text
.macro define name
.globl \\name
.type \\name, @function
\\name: ret
.size \\name, .-\\name
.endm
define work
define work.cold
define work.constprop.0
define works
define lonely.part.0
define kept.llvm.123
`;

Deno.test("patterns leave the compiler's copies out unless they name the suffix", () => {
  using folder = new Folder();
  const source = folder.write("copies.s", COPIES);
  const path = `${folder.path}/copies.so`;
  run("gcc", "-shared", "-nostdlib", source, "-o", path);
  const names = (pattern: string) => resolveTarget(`${path}:${pattern}`).map(({ symbol }) => symbol).sort();
  assertEquals(names("work*"), ["work", "works"]);
  assertEquals(names("work*.cold"), ["work.cold"]);
  assertEquals(names("/\\.constprop/"), ["work.constprop.0"]);
  assertEquals(names("kept*"), ["kept.llvm.123"]);
  assertEquals(names("work.cold"), ["work.cold"]);
  const [note] = resolve(`${path}:work*`).notes;
  assertStringIncludes(note, "2 compiler-made copies that ");
  assertStringIncludes(note, "(work.cold, work.constprop.0)");
  assertStringIncludes(
    refusalOf(`${path}:lone*`).message,
    "only compiler-made copies and old versions match",
  );
});

Deno.test("a name never means its compiler-made copies: they are listed", () => {
  using folder = new Folder();
  const source = folder.write("copies.s", COPIES);
  const path = `${folder.path}/copies.so`;
  run("gcc", "-shared", "-nostdlib", source, "-o", path);
  assertEquals(resolveTarget(`${path}:work`).map(({ symbol }) => symbol), ["work"]);
  const refusal = refusalOf(`${path}:lonely%return`);
  assertEquals(
    refusal.message,
    `Cannot find "${path}:lonely%return": "${path}" has only compiler-made parts of it: lonely.part.0`,
  );
  assertEquals(refusal.hint, `Use ${path}:lonely.part.0%return`);
});

const CXX = `
struct Foo {
  int bar(int x);
  int bar(char const *x) const;
  int &operator[](unsigned long);
  int operator[](char const *);
  Foo operator*(Foo const &) const;
};
int cell;
int Foo::bar(int x) { return x + 1; }
int Foo::bar(char const *x) const { return *x; }
int &Foo::operator[](unsigned long x) { return cell; }
int Foo::operator[](char const *x) { return *x; }
Foo Foo::operator*(Foo const &) const { return *this; }
namespace ns { template <class T> T twice(T x) { return x + x; } template int twice<int>(int); }
int alone(int x, char y) { return x + y; }
`;

Deno.test("C++ functions are named mangled, demangled, with and without parameters", () => {
  using folder = new Folder();
  const path = folder.compile("libcxx.so", CXX, { language: "cpp", args: ["-shared", "-fPIC"] });
  const symbolOf = (place: string) => resolveTarget(`${path}:${place}`).map(({ symbol }) => symbol);
  assertEquals(symbolOf("_ZN3Foo3barEi"), ["_ZN3Foo3barEi"]);
  assertEquals(symbolOf("Foo::bar(int)"), ["_ZN3Foo3barEi"]);
  assertEquals(symbolOf("Foo::bar(char const*) const"), ["_ZNK3Foo3barEPKc"]);
  assertEquals(symbolOf("alone"), ["_Z5aloneic"]);
  assertEquals(symbolOf("alone(int,char)"), ["_Z5aloneic"]);
  assertEquals(symbolOf("ns::twice<int>"), ["_ZN2ns5twiceIiEET_S1_"]);
  assertEquals(symbolOf("Foo::operator[](unsigned long)"), ["_ZN3FooixEm"]);
  assertEquals(symbolOf("Foo::operator[](char const*)"), ["_ZN3FooixEPKc"]);
  assertEquals(symbolOf("Foo::operator*"), ["_ZNK3FoomlERKS_"]);
  assertEquals(symbolOf("Foo::bar*").sort(), ["_ZN3Foo3barEi", "_ZNK3Foo3barEPKc"]);
  assertEquals(resolveTarget(`${path}:alone`)[0].demangled, "alone(int, char)");
});

Deno.test("constructors that share one address are one function with aliases", () => {
  using folder = new Folder();
  const path = folder.compile("libctor.so", "struct A { A(int); int x; }; A::A(int y) : x(y) {}", {
    language: "cpp",
    args: ["-shared", "-fPIC"],
  });
  const found = resolveTarget(`${path}:A::A(int)`);
  assertEquals(found.length, 1);
  assertEquals([found[0].symbol, ...found[0].aliases].sort(), ["_ZN1AC1Ei", "_ZN1AC2Ei"]);
});

Deno.test("Rust functions are found by their paths", () => {
  const path = fixture("rust_app");
  const names = resolveTarget(`${path}:rust_app::*`).map(({ demangled }) => demangled);
  assert(names.includes("rust_app::main"), names.join(", "));
  const [main] = resolveTarget(`${path}:rust_app::main`);
  assertEquals(main.demangled, "rust_app::main");
  assertEquals(resolveTarget(`${path}:${main.symbol}`)[0].fileOffset, main.fileOffset);
});

Deno.test("Go functions are found by the names of their symbol table", () => {
  const path = fixture("go_app");
  const [main] = resolveTarget(`${path}:main.main`);
  assertEquals(main.symbol, "main.main");
  assert(main.file.go);
  const [method] = resolveTarget(`${path}:sync.(*Mutex).lockSlow`);
  assertEquals(method.symbol, "sync.(*Mutex).lockSlow");
  assert(resolveTarget(`${path}:sync.*`).length > 10);
});

const WEAK = `
__attribute__((weak)) int soft(int x) { return x + 4; }
extern int maybe(int) __attribute__((weak));
int ask(int x) { return maybe ? maybe(x) : soft(x); }
int soft_alias(int) __attribute__((alias("ask")));
`;

Deno.test("weak functions are functions, and other names of an address are aliases", () => {
  using folder = new Folder();
  const path = folder.library("libweak.so", WEAK);
  assertEquals(resolveTarget(`${path}:soft`)[0].fileOffset, addressOf(path, "soft"));
  assertEquals(resolveTarget(`${path}:ask`)[0].aliases, ["soft_alias"]);
  assertEquals(resolveTarget(`${path}:soft_alias`)[0].aliases, ["ask"]);
  assertEquals(refusalOf(`${path}:maybe`).code, "probe.symbol_undefined");
});

Deno.test("offsets and places inside functions are taken to the byte, within the function", () => {
  using folder = new Folder();
  const path = folder.library("libweak.so", WEAK);
  const [ask] = resolveTarget(`${path}:ask`);
  assert(ask.sizeBytes > 4);
  const [inside] = resolveTarget(`${path}:ask+0x4`);
  assertEquals([inside.fileOffset, inside.exact, inside.symbol], [ask.fileOffset + 4, true, "ask+0x4"]);
  const text = `0x${ask.fileOffset.toString(16)}`;
  const [exact] = resolveTarget(`${path}:${text}`);
  assertEquals([exact.fileOffset, exact.symbol], [ask.fileOffset, text]);
});

Deno.test("a function without a size ends where the next one begins", () => {
  using folder = new Folder();
  const sizeless = ".globl sizeless\n.type sizeless,@function\nsizeless: nop\nnop\n.Linner: ret\n";
  const next = ".globl next\n.type next,@function\nnext: ret\n.size next,.-next\n";
  const source = folder.write("a.s", `.text\n${sizeless}${next}`);
  const path = `${folder.path}/a.so`;
  run("gcc", "-shared", "-nostdlib", source, "-o", path);
  const [{ fileOffset, sizeBytes }] = resolveTarget(`${path}:sizeless`);
  assertEquals(sizeBytes, 0);
  assertEquals(resolveTarget(`${path}:sizeless+0x2`)[0].fileOffset, fileOffset + 2);
  assertEquals(
    refusalOf(`${path}:sizeless+0x3`).message,
    `Cannot probe "${path}:sizeless+0x3": sizeless is 3 bytes long`,
  );
});

Deno.test("source lines are places, where there is debug information", () => {
  using folder = new Folder();
  const source = "int first(int x) {\n  return x + 1;\n}\nint second(int x) {\n  return x * 9;\n}\n";
  const path = folder.library("libline.so", source, ["-g"]);
  const [found] = resolveTarget(`${path}:libline.so.c:5`);
  const [second] = resolveTarget(`${path}:second`);
  assert(found.exact);
  assert(found.fileOffset >= second.fileOffset);
  assert(found.fileOffset < second.fileOffset + second.sizeBytes);
  assertEquals(found.symbol, "libline.so.c:5");
  run("strip", path);
  assertEquals(refusalOf(`${path}:libline.so.c:5`).code, "probe.no_lines");
});

const HIDDEN = `
static __attribute__((noinline)) int secret(int x) { return x * 5 + 1; }
int open_function(int x) { return secret(x) + 1; }
`;

Deno.test("names that were stripped are found in the debug file of the same build-id", () => {
  using folder = new Folder();
  const path = folder.library("libsecret.so", HIDDEN, ["-g", "-Wl,--build-id"]);
  const expected = resolveTarget(`${path}:secret`)[0].fileOffset;
  const debug = `${folder.path}/libsecret.so.debug`;
  run("objcopy", "--only-keep-debug", path, debug);
  run("strip", path);
  assertEquals(refusalOf(`${path}:secret`).code, "probe.symbol_not_found");
  run("objcopy", `--add-gnu-debuglink=${debug}`, path);
  assertEquals(resolveTarget(`${path}:secret`)[0].fileOffset, expected);
  // A debug file of another build does not count.
  const other = folder.library("other.so", `${HIDDEN}\nint more;`, ["-g", "-Wl,--build-id"]);
  run("objcopy", "--only-keep-debug", other, debug);
  assertEquals(refusalOf(`${path}:secret`).code, "probe.symbol_not_found");
});

Deno.test("names that were stripped are found by debuglink and checksum where there is no build-id", () => {
  using folder = new Folder();
  const path = folder.library("libsecret.so", HIDDEN, ["-g", "-Wl,--build-id=none"]);
  const expected = resolveTarget(`${path}:secret`)[0].fileOffset;
  Deno.mkdirSync(`${folder.path}/.debug`);
  const debug = `${folder.path}/.debug/libsecret.so.debug`;
  run("objcopy", "--only-keep-debug", path, debug);
  run("strip", path);
  run("objcopy", `--add-gnu-debuglink=${debug}`, path);
  const [found] = resolveTarget(`${path}:secret`);
  assertEquals([found.fileOffset, found.file.buildId], [expected, null]);
  Deno.writeFileSync(debug, new Uint8Array(1), { append: true });
  assertEquals(refusalOf(`${path}:secret`).code, "probe.symbol_not_found");
});

Deno.test("names that were stripped are found in .gnu_debugdata", () => {
  using folder = new Folder();
  const path = folder.library("libsecret.so", HIDDEN);
  const expected = resolveTarget(`${path}:secret`)[0].fileOffset;
  const mini = `${folder.path}/mini`;
  run("objcopy", "-S", "--remove-section", ".comment", "--keep-symbol=secret", path, mini);
  run("xz", mini);
  run("strip", path);
  assertEquals(refusalOf(`${path}:secret`).code, "probe.symbol_not_found");
  run("objcopy", "--add-section", `.gnu_debugdata=${mini}.xz`, path);
  assertEquals(resolveTarget(`${path}:secret`)[0].fileOffset, expected);
});

Deno.test("a target file is described: links resolved, build-id, time of its bytes", () => {
  using folder = new Folder();
  const path = folder.library("libweak.so.1", WEAK, ["-Wl,--build-id=0xabcdef0123456789"]);
  Deno.symlinkSync("libweak.so.1", `${folder.path}/libweak.so`);
  const [{ file, target }] = resolveTarget(`${folder.path}/libweak.so:soft%return`);
  const stat = Deno.statSync(path);
  assertEquals(target, `${path}:soft%return`);
  assertEquals(file, {
    path,
    openPath: path,
    device: stat.dev,
    inode: BigInt(stat.ino ?? 0),
    sizeBytes: stat.size,
    modifiedNs: file.modifiedNs,
    buildId: "abcdef0123456789",
    machine: Deno.build.arch,
    go: false,
  });
  assertEquals(Number(file.modifiedNs / 1_000_000n), stat.mtime?.getTime());
});

Deno.test("resolveTarget() keeps nothing open, found or refused", () => {
  using folder = new Folder();
  const before = openDescriptors().size;
  const path = folder.library("libweak.so", WEAK);
  resolveTarget(`${path}:so*`);
  refusalOf(`${path}:nothing_like_it`);
  refusalOf(`${path}:maybe`);
  assertEquals(openDescriptors().size, before);
});
