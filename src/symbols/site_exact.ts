/** Places given to the byte: the breakpoint goes exactly there, if an instruction begins there. */
import { SbError, toHex } from "../core/mod.ts";
import type { Site } from "./model.ts";
import { type Body, decodeAt, refusedByKernel, siteOf } from "./site_body.ts";

/**
 * The site at an exact place. Decoding begins where the nearest function before it does, or the segment where there is
 * none.
 *
 * @throws SbError `probe.site_inside_instruction`, `probe.site_unprobeable`
 */
export function exactSite(body: Body): Site {
  const { code, fn } = body;
  const place = fn.fileOffset;
  const found = decodeAt(code, place);
  let at = code.boundaryAt(place) ?? place;
  while (at < place) {
    const next = at + (decodeAt(code, at)?.lengthBytes ?? 1);
    if (next > place) {
      const [low, high] = [at, next].map((offset) => toHex(offset));
      throw new SbError(
        "probe.site_inside_instruction",
        `Cannot probe "${fn.target}": ${toHex(place)} is inside the instruction ${low} to ${high}`,
        { hint: `Use ${fn.file.path}:${low} or ${fn.file.path}:${high}`, data: { before: low, after: high } },
      );
    }
    at = next;
  }
  if (!found) throw refusedByKernel(body, place);
  return siteOf(body, found);
}
