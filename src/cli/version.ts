/** The version of sb, for the command line. Apart from src/core: `sb --version` reads only this. */
export { VERSION } from "../core/version.ts";
