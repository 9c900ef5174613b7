/** Takes the kernel with it. */

Deno.test("dies", () => {
  console.log("going");
  Deno.writeTextFileSync("/sys/module/fault_module/parameters/fault", "bug");
});
