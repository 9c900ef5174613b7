/** Passes, but leaves a process, a mount and a complaint of the kernel behind, and the module unloaded. */

Deno.test("leaves much behind", () => {
  const script = "(sleep 1000 &) ; mkdir /tmp/left && mount -t tmpfs left /tmp/left; " +
    "echo warn >/sys/module/fault_module/parameters/fault; rmmod fault_module";
  new Deno.Command("sh", { args: ["-c", script], stdout: "null", stderr: "null" }).outputSync();
});
