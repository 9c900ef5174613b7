/** Where a report goes: stderr, stdout, a file or a descriptor that sb was started with. */
import { SbError } from "../../core/mod.ts";
import { isInheritedDescriptor, writeDescriptor } from "../../sys/mod.ts";
import { type Sink, stderrSink, stdoutSink, StreamSink, unwritable } from "./sink.ts";

/**
 * Opens the place of a report before anything is started, so that a wrong one is refused in time.
 *
 * @param place undefined for stderr, `-` for stdout, `&N` for a descriptor that sb was started with, or a file
 * @throws SbError `output.unwritable`
 */
export function openReport(place: string | undefined): Sink {
  if (place === undefined) return stderrSink();
  if (place === "-") return stdoutSink();
  const descriptor = /^&(\d+)$/.exec(place);
  if (descriptor) return openDescriptor(Number(descriptor[1]), place);
  try {
    const file = Deno.openSync(place, { write: true, create: true, truncate: true });
    return new StreamSink(file, { name: place, close: () => file.close() });
  } catch (error) {
    throw unwritable(place, error);
  }
}

function openDescriptor(fd: number, place: string): Sink {
  if (fd === 1) return stdoutSink();
  if (fd === 2) return stderrSink();
  if (!isInheritedDescriptor(fd)) {
    throw new SbError(
      "output.unwritable",
      `Cannot write the report to "${place}": descriptor ${fd} is not open`,
      {
        hint: `Open it in the shell: sb … -o '${place}' ${fd}>FILE`,
      },
    );
  }
  return new StreamSink(
    { writeSync: (bytes) => writeDescriptor(fd, bytes as Uint8Array<ArrayBuffer>), isTerminal: () => false },
    { name: place },
  );
}
