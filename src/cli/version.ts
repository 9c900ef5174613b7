/** The version of sb; a test holds it equal to deno.json's. Imports nothing: `sb --version` reads only this. */
export const VERSION = "0.1.0";
