/** The part of `@std/assert` that sb's tests use, over node:assert, for machines that cannot reach JSR. */
import assertModule from "node:assert/strict";

export class AssertionError extends Error {
  override name = "AssertionError";
}

function rethrow(run: () => void, message?: string): void {
  try {
    run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new AssertionError(message ? `${message}: ${text}` : text, { cause: error });
  }
}

export function assert(value: unknown, message = ""): asserts value {
  if (!value) throw new AssertionError(message || "the value is not true");
}

export function assertFalse(value: unknown, message = ""): void {
  assert(!value, message || "the value is not false");
}

export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  rethrow(() => assertModule.deepStrictEqual(actual, expected), message);
}

export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  rethrow(() => assertModule.notDeepStrictEqual(actual, expected), message);
}

export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T {
  rethrow(() => assertModule.strictEqual(actual, expected), message);
}

export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  assert(actual !== undefined && actual !== null, message ?? "the value does not exist");
}

export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  assert(actual.includes(expected), `${message ?? "text"}: ${JSON.stringify(actual)} lacks "${expected}"`);
}

export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  assert(expected.test(actual), `${message ?? "text"}: ${JSON.stringify(actual)} does not match ${expected}`);
}

export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance = 1e-7,
  message?: string,
): void {
  assert(
    Math.abs(actual - expected) <= tolerance,
    message ?? `${actual} is not within ${tolerance} of ${expected}`,
  );
}

export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  assert(actual > expected, message ?? `${actual} is not greater than ${expected}`);
}

export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void {
  assert(actual >= expected, message ?? `${actual} is less than ${expected}`);
}

export function assertLess<T>(actual: T, expected: T, message?: string): void {
  assert(actual < expected, message ?? `${actual} is not less than ${expected}`);
}

export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  assert(actual <= expected, message ?? `${actual} is greater than ${expected}`);
}

// deno-lint-ignore no-explicit-any
type ErrorType<E extends Error> = abstract new (...args: any[]) => E;

function check<E extends Error>(error: unknown, type?: ErrorType<E>, includes?: string, message?: string): E {
  if (type && !(error instanceof type)) {
    throw new AssertionError(`${message ?? "error"}: expected ${type.name}, got ${String(error)}`, {
      cause: error,
    });
  }
  if (includes) assertStringIncludes((error as Error).message, includes, message);
  return error as E;
}

export function assertThrows<E extends Error = Error>(
  run: () => unknown,
  type?: ErrorType<E>,
  includes?: string,
  message?: string,
): E {
  try {
    run();
  } catch (error) {
    return check(error, type, includes, message);
  }
  throw new AssertionError(`${message ?? "function"}: nothing was thrown`);
}

export async function assertRejects<E extends Error = Error>(
  run: () => PromiseLike<unknown>,
  type?: ErrorType<E>,
  includes?: string,
  message?: string,
): Promise<E> {
  try {
    await run();
  } catch (error) {
    return check(error, type, includes, message);
  }
  throw new AssertionError(`${message ?? "function"}: nothing was thrown`);
}

export function fail(message = "failed"): never {
  throw new AssertionError(message);
}
