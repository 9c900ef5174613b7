/** Commands that are clear, and refused for what there is: targets, processes, limits, rights. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { attempt, command, fresh, read, refuse, ROOT, run, shell, state, targets } from "../kernel_module.ts";
import { Folder, offsetOf, Program } from "../program.ts";

/** Greater than any process id (/proc/sys/kernel/pid_max is at most 4194304). */
const NOBODY = 4_194_304;

/** A process that has ended and was waited for. */
function endedPid(): number {
  return Number(shell("sh -c 'echo $$'"));
}

Deno.test("ENOENT: no such target by name, tag or id, and none without an owner by a name that only an owner has", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  refuse({
    ENOENT: [
      `-${path}:f_push`,
      `=${path}:f_push 5`,
      "-@t",
      "=@t 5",
      "-#1",
      "=#1 5",
      "-#0",
      "-#18446744073709551615",
    ],
  });
  command(`+${path}:f_push 5 tag=t owner=${Deno.pid}`, `+${path}:f_nop1 5`);
  const [{ id }] = targets();
  refuse({
    ENOENT: [
      `-${path}:f_push`,
      `=${path}:f_push 5`,
      `-${path}:f_mov`,
      "-@T",
      "-@tt",
      `-#${id + 100}`,
      `=#${id + 100} 5`,
    ],
  });
  command("-@t");
  refuse({ ENOENT: ["-@t", `-#${id}`, `=#${id} 5`] });
});

Deno.test("-* and -* owner=N succeed when there is nothing to remove", () => {
  using _module = fresh();
  command("-*", `-* owner=${Deno.pid}`, `=* on=1 owner=${Deno.pid}`);
});

Deno.test("ENOENT: a scope or an owner that is no process, or has ended", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  const ended = endedPid();
  refuse({
    ENOENT: [NOBODY, 2_147_483_647, ended].flatMap((pid) =>
      [`pid=${pid}`, `owner=${pid}`].map((option) => `+${path}:f_push 5 ${option}`)
    ),
  });
  command(`+${path}:f_push 5 tag=t`);
  refuse({ ENOENT: [`=@t 5 pid=${ended}`, `=@t 5 pid=${NOBODY}`] });
});

Deno.test("a thread that does not lead its process is no scope and no owner", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("family");
  await using program = await Program.start(path);
  await program.keep("thread");
  const thread = [...Deno.readDirSync(`/proc/${program.pid}/task`)].map(({ name }) => Number(name))
    .find((id) => id !== program.pid);
  refuse({ ENOENT: [`+${path}:hot 5 pid=${thread}`, `+${path}:hot 5 owner=${thread}`] });
});

Deno.test("EEXIST: the same site again, by another name of the file too", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  shell(`cd ${folder.path} && ln -s bench_target symlink && ln bench_target hardlink && ln -s . folder &&
    mkdir bound && mount --bind ${folder.path} bound`);
  try {
    command(
      `+${path}:f_push 5`,
      `+${path}:f_nop1 5 pid=${program.pid}`,
      `+${path}:f_mov 5 owner=${Deno.pid} tag=t`,
    );
    const offset = offsetOf(path, "f_push").toString(16);
    using file = Deno.openSync(path);
    assert(file);
    const descriptor = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) =>
      `/proc/${Deno.pid}/fd/${name}`
    )
      .find((name) => targetOf(name) === path);
    const names = [
      path,
      `${folder.path}/symlink`,
      `${folder.path}/hardlink`,
      `${folder.path}/folder/folder/bench_target`,
      `${folder.path}/bound/bench_target`,
      `${folder.path}//./bench_target`,
      `/proc/${program.pid}/exe`,
      descriptor,
    ];
    refuse({
      EEXIST: [
        ...names.flatMap((name) => [`+${name}:f_push 7`, `+${name}:f_nop1 7 pid=${program.pid}`]),
        `+${path}:another_label 7 offset=0x${offset}`,
        `+${path}:f_sub 7 tag=t`,
        `+${path}:f_sub 7 tag=t pid=${program.pid}`,
      ],
    });
  } finally {
    shell(`umount ${folder.path}/bound`);
  }
});

function targetOf(link: string): string {
  try {
    return Deno.readLinkSync(link);
  } catch {
    return "";
  }
}

Deno.test("another scope, owner, tag, side or first offset makes another target of the same site", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  const offset = (symbol: string) => `0x${offsetOf(path, symbol).toString(16)}`;
  const different = [
    "",
    `pid=${program.pid}`,
    `pid=${Deno.pid}`,
    `owner=${Deno.pid}`,
    `owner=${program.pid}`,
    `owner=${Deno.pid} pid=${program.pid}`,
    "tag=a",
    "tag=b",
    "at=return",
    `offset=${offset("f_nop1")},${offset("f_push")}`,
  ];
  command(...different.map((options) => `+${path}:f_push 5 ${options}`));
  assertEquals(targets().length, different.length);
  refuse({ EEXIST: different.map((options) => `+${path}:f_push 6 ${options} every=2`) });
});

Deno.test("an update of a scope cannot make two targets the same", async () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  await using program = await Program.start(path);
  command(`+${path}:f_push 5`, `+${path}:f_push 5 pid=${program.pid}`);
  const [, { id }] = targets();
  refuse({ EEXIST: [`=#${id} 5 pid=0`] });
  command(`=#${id} 5 pid=${Deno.pid}`, `+${path}:f_push 5 pid=${program.pid}`);
});

Deno.test("ENOSPC: max_targets of them, and again room when one is removed", () => {
  using folder = new Folder();
  const path = folder.copy("bench_target");
  shell("rmmod speed_bump && insmod $SB_MODULE max_targets=3");
  try {
    assertEquals(Deno.readTextFileSync("/sys/module/speed_bump/parameters/max_targets"), "3\n");
    command(`+${path}:f_push 5`, `+${path}:f_nop1 5`, `+${path}:f_mov 5`);
    refuse({
      ENOSPC: [`+${path}:f_sub 5`, `+${path}:f_sub 5 owner=${Deno.pid}`],
      ENOENT: [`+${path}:nothing 5`],
    });
    command(`-${path}:f_push`, `+${path}:f_sub 5`);
    refuse({ ENOSPC: [`+${path}:f_push 5`] });
  } finally {
    shell("rmmod speed_bump && insmod $SB_MODULE");
  }
  assertEquals(Deno.readTextFileSync("/sys/module/speed_bump/parameters/max_targets"), "4096\n");
});

/** Ways to be root no more. */
const UNPRIVILEGED = {
  "user 65534": "setpriv --reuid=65534 --regid=65534 --clear-groups",
  "root of a user namespace of its own": "unshare --user --map-root-user",
  "root without CAP_SYS_ADMIN": "setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin",
};

for (const [who, prefix] of Object.entries(UNPRIVILEGED)) {
  Deno.test(`EPERM or EACCES: ${who}, by the path, and by a descriptor that root opened`, () => {
    using _module = fresh();
    using folder = new Folder();
    const path = folder.copy("bench_target");
    command(`+${path}:f_push 5`);
    const before = state();
    const writes = [["-*", 3], ["+", 3], [`+${path}:f_nop1 5`, 3], ["1", 4], ["7", 5]]
      .map(([text, descriptor]) => `echo "${text}" >&${descriptor}`)
      .concat(["targets", "enabled", "default_delay_ns"].map((file) => `echo 1 > ${ROOT}/${file}`));
    const script = folder.write("script", writes.join("\n"));
    const { text } = run(
      "bash",
      "-c",
      `${prefix} bash < ${script} 3>${ROOT}/targets 4>${ROOT}/enabled 5>${ROOT}/default_delay_ns`,
    );
    assertEquals(text.match(/Operation not permitted|Permission denied/g)?.length, writes.length, text);
    assertEquals(state(), before);
  });
}

Deno.test("everybody may read the lists", () => {
  using _module = fresh();
  using folder = new Folder();
  command(`+${folder.copy("bench_target")}:f_push 5`);
  const seen = shell(
    `setpriv --reuid=65534 --regid=65534 --clear-groups cat ${ROOT}/targets_list ${ROOT}/stats`,
  );
  assertEquals(seen, read("targets_list") + read("stats"));
});

Deno.test("a file that its writer may not read is EACCES, and one on a file system without programs is refused", () => {
  using _module = fresh();
  using folder = new Folder();
  const path = folder.copy("bench_target");
  Deno.chmodSync(path, 0);
  const drop =
    "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search";
  Deno.chownSync(path, 65534, 65534);
  const { text } = run("bash", "-c", `${drop} bash -c 'echo "+${path}:f_push 5" >&3' 3>${ROOT}/targets`);
  assertMatch(text, /Permission denied/);
  assertEquals(targets(), []);
  Deno.chmodSync(path, 0o755);
  shell(`mkdir ${folder.path}/mount && mount -t tmpfs -o noexec tmpfs ${folder.path}/mount`);
  Deno.copyFileSync(path, `${folder.path}/mount/program`);
  assert(["EACCES", "ok"].includes(attempt(`+${folder.path}/mount/program:f_push 5`)));
  command("-*");
  shell(`umount ${folder.path}/mount`);
});
