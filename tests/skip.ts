/** Tests that need something of the machine: skipped with a reason where it is missing, failing where it should exist. */

/** A thing that a test needs. */
export interface Need {
  holds: boolean;
  /** Why the test is skipped without it. */
  why: string;
  /** Whether this machine should have it, so that its absence is a failure. */
  expected?: boolean;
}

/**
 * The title and `ignore` of a test that needs something: `Deno.test({ ...skipUnless("title", need), fn })`.
 * Where the thing is expected the test is not ignored, and fails by itself.
 */
export function skipUnless(title: string, ...needs: Need[]): { name: string; ignore: boolean } {
  const lacking = needs.find(({ holds, expected }) => !holds && !expected);
  return lacking
    ? { name: `${title} [skipped: ${lacking.why}]`, ignore: true }
    : { name: title, ignore: false };
}

/** Root, which loading programs needs. */
export function root(): Need {
  return { holds: Deno.uid() === 0, why: "it needs root" };
}

/** An executable that scripts/test installs where it may: root is expected to have it. */
export function executable(path: string): Need {
  let holds = true;
  try {
    Deno.statSync(path);
  } catch {
    holds = false;
  }
  return { holds, why: `${path} is not installed`, expected: Deno.uid() === 0 };
}
