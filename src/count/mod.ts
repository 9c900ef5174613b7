/** Kernel operations of process trees, counted by the tracer module. */
export type * from "./model.ts";
export { TreeCount } from "./count.ts";
export {
  openTracer,
  openTracerFile,
  TRACER_PATH,
  type TracerDevice,
  tracerNotLoaded,
  tracerOf,
} from "./device.ts";
export { type FiguresDocument, figuresDocument, processDocument, readingDocument } from "./document.ts";
export { type FigureName, operationsOf, type Rates, ratesBetween, type RatesOverTime } from "./figures.ts";
