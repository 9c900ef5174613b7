/** Golden files: texts that a person has read once and that must not change unseen. */
import { assertEquals } from "@std/assert";

/**
 * Compares a text with tests/cli/golden/NAME. SB_UPDATE_GOLDEN=1 writes it instead: read the difference before
 * committing it.
 */
export function assertGolden(name: string, text: string): void {
  const path = new URL(`golden/${name}`, import.meta.url);
  if (Deno.env.get("SB_UPDATE_GOLDEN") === "1") {
    Deno.writeTextFileSync(path, text);
    return;
  }
  assertEquals(text, Deno.readTextFileSync(path), `golden/${name} (SB_UPDATE_GOLDEN=1 rewrites it)`);
}
