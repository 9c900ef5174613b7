/**
 * Bundles the program into parts that are loaded as they are needed: `sb.js`, and `sb.N.js` beside it. The same sources make the
 * same bytes, wherever the packages lie: what names these loses the machine's paths, and parts are numbered as they are reached.
 * Prints the folders of the packages, whose licences go with the bundle.
 *
 * @example scripts/deno run -A scripts/one_file/bundle.ts ENTRY FOLDER
 */

/** Where a file of a package is named: in the comment before it, and as the key of a CommonJS module. */
const PACKAGE = /^(\/\/ | {2}")(\S*\/npm\/[^/\s]+\/)((?:@[^/]+\/)?[^/]+\/[^/]+)/gm;
/** Where a part names another. */
const PART = /(from |import\(|import )"\.\/([\w-]+\.js)"/g;

const [entry, folder] = Deno.args;
const bundled = `${folder}/bundled`;
const { success, stderr } = new Deno.Command(new URL("../deno", import.meta.url).pathname, {
  args: ["bundle", "--quiet", "--platform", "deno", "--code-splitting", "--outdir", bundled, entry],
}).outputSync();
if (!success) throw new Error(new TextDecoder().decode(stderr));

const first = entry.replace(/^.*\//, "").replace(/\.ts$/, ".js");
const names = new Map([[first, "sb.js"]]);
const packages = new Set<string>();
for (const [part, name] of names) {
  const text = Deno.readTextFileSync(`${bundled}/${part}`);
  for (const [, , place, own] of text.matchAll(PACKAGE)) packages.add(`${place}${own}`);
  for (const [, , next] of text.matchAll(PART)) {
    if (!names.has(next)) names.set(next, `sb.${names.size}.js`);
  }
  Deno.writeTextFileSync(
    `${folder}/${name}`,
    text.replace(PACKAGE, "$1npm/$3").replace(PART, (_, before, next) => `${before}"./${names.get(next)}"`),
  );
}
Deno.removeSync(bundled, { recursive: true });
console.log([...packages].sort().join("\n"));
