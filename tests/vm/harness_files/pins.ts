/** Passes, but leaves the module so that it cannot be unloaded. */

Deno.test("pins the module", () =>
  Deno.writeTextFileSync("/sys/module/fault_module/parameters/fault", "pin"));
