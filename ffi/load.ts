/** Opens shared libraries lazily, and says which package has a missing one. */
import { SbError } from "../src/core/mod.ts";

/** Where the one-file build has libraries for systems that are without them; nothing is there in a checkout. */
const CARRIED = decodeURIComponent(new URL("./lib/", import.meta.url).pathname);
/** What the loader has to have opened before, since it would not look there. */
const CARRIED_NEEDS: Readonly<Record<string, readonly string[]>> = { "libdw.so.1": ["libelf.so.1"] };

/** A shared library: where it may be, and what to install when it is nowhere. */
export interface LibrarySource {
  /** Sonames tried in turn. */
  names: readonly string[];
  /** What it is needed for, as the error says it: "symbols cannot be read". */
  purpose: string;
  /** Debian's package. */
  debianPackage: string;
}

/** A library that opens at its first use. */
export interface LazyLibrary<S extends Deno.ForeignLibraryInterface> {
  /** The library's symbols. @throws SbError `library.missing` */
  readonly symbols: Deno.StaticForeignLibraryInterface<S>;
  /** The symbols, or undefined when the library is not installed. */
  readonly optional: Deno.StaticForeignLibraryInterface<S> | undefined;
}

/**
 * Declares a library without opening it; it stays open until the process ends.
 *
 * @param source where it is found
 * @param declarations its symbols, with their C types
 */
export function lazyLibrary<const S extends Deno.ForeignLibraryInterface>(
  source: LibrarySource,
  declarations: S,
): LazyLibrary<S> {
  let opened: Deno.StaticForeignLibraryInterface<S> | undefined;
  let failure: string | undefined;
  function open(): Deno.StaticForeignLibraryInterface<S> | undefined {
    if (opened || failure !== undefined) return opened;
    const seen: string[] = [];
    for (const name of withCarried(source.names)) {
      try {
        return opened = Deno.dlopen(name, declarations).symbols;
      } catch (error) {
        seen.push(error instanceof Error ? error.message : String(error));
      }
    }
    failure = seen.join("; ");
    return undefined;
  }
  return {
    get symbols() {
      const symbols = open();
      if (symbols) return symbols;
      throw new SbError(
        "library.missing",
        `Cannot open "${source.names[0]}": it is not installed (${source.purpose})`,
        {
          hint: `Install it: sudo apt-get install ${source.debianPackage}`,
          data: { tried: source.names, failure },
        },
      );
    },
    get optional() {
      return open();
    },
  };
}

/** The first of the names that opens, or why none does. Leaves nothing open. */
export function findLibrary(
  names: readonly string[],
): { name: string } | { name: undefined; failure: string } {
  const seen: string[] = [];
  for (const name of withCarried(names)) {
    try {
      Deno.dlopen(name, {}).close();
      return { name };
    } catch (error) {
      seen.push(
        error instanceof Error ? error.message.replace(/^Could not open library: /, "") : String(error),
      );
    }
  }
  return { name: undefined, failure: seen.join("; ") };
}

/** The names, and behind them the paths of those that sb carries: the system's own come first. */
function* withCarried(names: readonly string[]): Generator<string> {
  yield* names;
  for (const name of names.filter(isCarried)) {
    for (const needed of CARRIED_NEEDS[name] ?? []) {
      // Stays open: what needs it finds it by its name. The system may have it already.
      if (isCarried(needed)) Deno.dlopen(CARRIED + needed, {});
    }
    yield CARRIED + name;
  }
}

function isCarried(name: string): boolean {
  try {
    return Deno.statSync(CARRIED + name).isFile;
  } catch {
    return false;
  }
}
