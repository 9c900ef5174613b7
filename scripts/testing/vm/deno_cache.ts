/** What Deno caches, made on the host for a guest's memory: over the shared folder each file of it costs 30 ms. */
import { exists, VmError } from "./cache.ts";
import { temporaryFolder } from "./temporary.ts";
import { toolOutput, toolText } from "./tool.ts";

/** Folders of Deno's cache that hold what was downloaded. */
const DOWNLOADED = ["npm", "remote"];

/** Where this machine's Deno keeps its cache. */
async function hostCache(deno: string): Promise<string> {
  return JSON.parse(await toolText([deno, "info", "--json"])).denoDir;
}

/**
 * Packs what programs and test files need, TypeScript stripped of its types, as a tar file.
 * @param root of the project; `files` are relative to it
 */
export async function packDenoCache(root: string, files: readonly string[]): Promise<Uint8Array> {
  using folder = temporaryFolder("sb_vm_deno_");
  const deno = `${root}/scripts/deno`;
  const host = await hostCache(deno);
  const downloaded = DOWNLOADED.map((name) => `${host}/${name}`).filter(exists);
  if (downloaded.length > 0) await toolText(["cp", "-r", ...downloaded, folder.path]);
  try {
    await toolText([deno, "cache", ...files], { cwd: root, env: { DENO_DIR: folder.path } });
  } catch (error) {
    // A file that cannot be parsed fails by itself, in the guest.
    if (!(error instanceof VmError)) throw error;
  }
  return await toolOutput(["tar", "-cf", "-", "."], { cwd: folder.path });
}
