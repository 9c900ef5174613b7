/** dist's self-unpacking file as the tests use it: built once for the sources that it is made of. */
import { typeScriptFiles } from "../../scripts/source_text.ts";

/** The checkout, with a slash at the end. */
export const ROOT = new URL("../../", import.meta.url).pathname;
const FOLDER = `${ROOT}dist/unpacking`;

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(`${ROOT}${folder}`)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  );
}

/** What a build reads, but for Deno and packages. */
function sources(): string[] {
  return [
    ...typeScriptFiles(ROOT).filter((path) => /^(src|ffi|rpc|[^/]+$)/.test(path)),
    ...["kmod", "rpc/systemd", "scripts/one_file"].flatMap(filesBelow)
      .filter((path) => !/\.(o|ko|cmd|mod|mod\.c|order|symvers)$/.test(path)),
    ...["scripts/build", "scripts/build_entry.ts", "scripts/sb", "scripts/deno", "deno.json"],
  ].sort();
}

/** Changes when a file does. */
function stamp(): string {
  return sources().map((path) => {
    const { size, mtime } = Deno.statSync(`${ROOT}${path}`);
    return `${path} ${size} ${mtime?.getTime()}\n`;
  }).join("");
}

/** Builds the file. @throws Error with what the build wrote */
export async function build(output: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(`${ROOT}scripts/build`, {
    args: ["--unpacking", "-o", output],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`scripts/build: ${new TextDecoder().decode(stderr)}`);
}

/** The path of the file. */
export async function artifact(): Promise<string> {
  const path = `${FOLDER}/sb`;
  const wanted = stamp();
  try {
    if (await Deno.readTextFile(`${path}.sources`) === wanted) return path;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await Deno.mkdir(FOLDER, { recursive: true });
  await build(path);
  await Deno.writeTextFile(`${path}.sources`, wanted);
  return path;
}
