/** From a target as the user writes it to the instruction that carries the breakpoint. */
export type * from "./model.ts";
export { completeTarget } from "./completion.ts";
export { OpenFiles } from "./open_files.ts";
export { planSites } from "./site.ts";
export { type SiteStatistics, siteStatistics } from "./site_statistics.ts";
export { type ListOptions, listSymbols, SymbolListing } from "./listing.ts";
export { resolve, resolveTarget } from "./resolve.ts";
export { parseTarget } from "./target.ts";
