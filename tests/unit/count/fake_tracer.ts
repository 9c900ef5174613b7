/** A tracer in memory: it answers the requests of /dev/tracer as kmod/include/uapi/tracer.h says. */
import type { TracerDevice } from "../../../src/count/mod.ts";
import {
  FIGURE_FIELDS,
  READ,
  READ_MORE,
  READ_VERSION,
  Request,
  ROW,
  RowFlag,
} from "../../../src/count/interface.ts";

type FigureField = keyof typeof FIGURE_FIELDS;
/** Figures by the names of the struct; those left out are 0. */
export type FakeFigures = Partial<Record<FigureField, number>>;

/** A row of the fake. */
export interface FakeRow {
  id: number;
  pid: number;
  comm: string;
  flags: number;
  startNs: number;
  endNs: number;
  figures: FakeFigures;
}

const Errno = { ENOENT: 2, EINVAL: 22, ENOTTY: 25 };

function structFigures(figures: FakeFigures): Record<string, bigint> {
  return Object.fromEntries(
    Object.keys(FIGURE_FIELDS).map((name) => [name, BigInt(figures[name as FigureField] ?? 0)]),
  );
}

/** A row of a live process that did nothing yet. */
export function fakeRow(id: number, pid: number, changes: Partial<FakeRow> = {}): FakeRow {
  return {
    id,
    pid,
    comm: `work${id}`,
    flags: id === 1 ? RowFlag.root : 0,
    startNs: 1000,
    endNs: 0,
    figures: {},
    ...changes,
  };
}

/** The device. Rows are added and changed by the test; `trees` are those that were asked for. */
export class FakeTracer implements TracerDevice {
  rows: FakeRow[] = [];
  /** What an add answers, by process id; 0 for others. */
  refusals = new Map<number, number>();
  /** What a read answers. */
  readErrno = 0;
  nowNs = 5000;
  extra = { dropped: 0, missed: 0, untracked: 0 };
  /** Figures of rows that gave way. */
  droppedFigures: FakeFigures = {};
  readonly trees: number[] = [];
  readonly removed: number[] = [];
  closed = 0;

  call(request: number, pid: number): number {
    if (request === Request.addTree) {
      const errno = this.refusals.get(pid) ?? 0;
      if (errno === 0) this.trees.push(pid);
      return -errno;
    }
    if (request !== Request.removeProcess) return -Errno.ENOTTY;
    const index = this.rows.findIndex((row) => row.pid === pid);
    if (index < 0) return -Errno.ENOENT;
    this.rows.splice(index, 1);
    this.removed.push(pid);
    return 0;
  }

  callInBackground(request: number, pid: number): Promise<number> {
    return Promise.resolve(this.call(request, pid));
  }

  read(head: Uint8Array<ArrayBuffer>, rows: Uint8Array<ArrayBuffer>): number {
    return this.readErrno === 0 ? this.#read(head, new DataView(rows.buffer)) : -this.readErrno;
  }

  [Symbol.dispose](): void {
    this.closed++;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }

  #read(bytes: Uint8Array<ArrayBuffer>, rows: DataView): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const asked = READ.read(view);
    const reserved = asked.reserved_0 | asked.reserved_1 | asked.reserved_2 | asked.reserved_3;
    if (asked.version !== READ_VERSION || asked.flags !== 0 || reserved !== 0n) return -Errno.EINVAL;
    const behind = this.rows.filter(({ id }) => BigInt(id) > asked.after);
    const page = behind.slice(0, asked.capacity);
    page.forEach((row, index) => this.#write(row, rows, index * ROW.sizeBytes));
    const all = [this.droppedFigures, ...this.rows.map(({ figures }) => figures)];
    const total = (name: FigureField) => all.reduce((sum, figures) => sum + (figures[name] ?? 0), 0);
    const fields = Object.keys(FIGURE_FIELDS) as FigureField[];
    const totals = Object.fromEntries(fields.map((name) => [name, asked.after === 0n ? total(name) : 0]));
    READ.write(view, 0, {
      count: page.length,
      flags: behind.length > page.length ? READ_MORE : 0,
      now_ns: BigInt(this.nowNs),
      processes: BigInt(this.rows.length),
      live: BigInt(this.rows.filter(({ flags }) => (flags & (RowFlag.ended | RowFlag.left)) === 0).length),
      dropped: BigInt(this.extra.dropped),
      missed: BigInt(this.extra.missed),
      untracked: BigInt(this.extra.untracked),
      ...structFigures(totals),
    });
    return 0;
  }

  #write(row: FakeRow, view: DataView, at: number): void {
    ROW.write(view, at, {
      id: BigInt(row.id),
      pid: row.pid,
      flags: row.flags,
      start_ns: BigInt(row.startNs),
      end_ns: BigInt(row.endNs),
      ...structFigures(row.figures),
    });
    for (let index = 0; index < 16; index++) view.setUint8(at + ROW.offsets.comm + index, 0);
    [...new TextEncoder().encode(row.comm)].forEach((byte, index) =>
      view.setUint8(at + ROW.offsets.comm + index, byte)
    );
  }
}
