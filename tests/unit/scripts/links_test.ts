/** The documents point at what is there. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** The pages of the project, by their paths from the root. */
function pages(folder = ""): string[] {
  return [...Deno.readDirSync(ROOT + folder)].flatMap(({ name, isDirectory }) => {
    const path = folder + name;
    if (isDirectory) {
      return /^(docs|rpc|kmod|examples)/.test(path) && name !== "out" ? pages(`${path}/`) : [];
    }
    return name.endsWith(".md") ? [path] : [];
  });
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("every link to a file of the project leads to one", () => {
  const found = pages();
  for (const page of ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md"]) {
    assert(found.includes(page), page);
  }
  const broken = found.flatMap((page) => {
    const folder = page.slice(0, page.lastIndexOf("/") + 1);
    const text = Deno.readTextFileSync(ROOT + page).replace(/^```.*?^```$/gms, "");
    return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && !exists(`${ROOT}${folder}${decodeURIComponent(link)}`))
      .map((link) => `${page}: ${link}`);
  });
  assertEquals(broken, []);
});

Deno.test("every source file that docs/architecture.md names by its path is there", () => {
  const text = Deno.readTextFileSync(`${ROOT}docs/architecture.md`);
  const named = [...text.matchAll(/\b(?:src|ffi|rpc|tests|scripts)\/[\w/]+\.\w+\b/g)].map(([path]) => path);
  assert(named.length > 20);
  assertEquals(named.filter((path) => !exists(ROOT + path)), []);
});
