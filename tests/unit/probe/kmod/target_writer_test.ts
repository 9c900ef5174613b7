/** Commands of single targets: in their order, and done when they have taken effect. */
import { assertEquals, assertRejects } from "@std/assert";
import { SbError } from "../../../../src/core/mod.ts";
import { SpeedBumpFiles } from "../../../../src/probe/kmod/sysfs.ts";
import { TargetWriter } from "../../../../src/probe/kmod/target_writer.ts";

/** Files whose writes end when they are told to. */
class HeldFiles extends SpeedBumpFiles {
  readonly written: string[] = [];
  readonly #ends: ((worked: boolean) => void)[] = [];

  override writeCommandInBackground(command: string): Promise<boolean> {
    this.written.push(command);
    return new Promise((resolve) => this.#ends.push(resolve));
  }

  override writeCommand(command: string): void {
    throw new SbError(
      command.includes("gone") ? "probe.not_found" : "kernel.refused",
      `Cannot write ${command}`,
    );
  }

  async end(worked = true): Promise<void> {
    this.#ends.shift()?.(worked);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

Deno.test("a target's commands are written one after the other, those of others beside", async () => {
  const files = new HeldFiles("/nowhere");
  const writer = new TargetWriter(files);
  const all = [writer.write("a", "a1", ""), writer.write("a", "a2", ""), writer.write("b", "b1", "")];
  assertEquals(files.written, ["a1", "b1"]);
  await files.end();
  assertEquals(files.written, ["a1", "b1", "a2"]);
  await files.end();
  await files.end();
  await Promise.all(all);
});

Deno.test("who looks for an effect goes on when it is there; settled() waits for the write", async () => {
  const files = new HeldFiles("/nowhere");
  const writer = new TargetWriter(files);
  let isOff = false;
  const off = writer.write("a", "off", "", { isDone: () => isOff });
  isOff = true;
  await off;
  let isSettled = false;
  const settled = writer.settled().then(() => isSettled = true);
  await Promise.resolve();
  assertEquals(isSettled, false);
  await files.end();
  await settled;
});

Deno.test("a write that fails says why, and hinders none after it", async () => {
  const files = new HeldFiles("/nowhere");
  const writer = new TargetWriter(files);
  const failing = assertRejects(() => writer.write("a", "bad", ""), SbError);
  const next = writer.write("a", "good", "");
  await files.end(false);
  assertEquals((await failing).code, "kernel.refused");
  await files.end();
  await next;
  // Whoever took a target away undid it too.
  writer.writeLater("a", "gone", "");
  await files.end(false);
  await writer.settled();
});
