/** Programs of other languages that the tests of the clients run: what they print, and a failure that shows it. */
import { assertEquals } from "@std/assert";

/** The root of the repository, with a slash at its end. */
export const ROOT = new URL("../../", import.meta.url).pathname;

/** How a program is run. */
export interface ProgramOptions {
  cwd?: string;
  env?: Record<string, string>;
}

/** Runs a program to its end; fails with all that it wrote unless its exit status is 0. @returns its standard output */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], ...options }).output();
  const [printed, told] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, `${command} ${args.join(" ")}\n${printed}${told}`);
  return printed;
}
