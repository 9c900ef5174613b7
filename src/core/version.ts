/** The version of sb; a test holds it equal to deno.json's. Imports nothing. */
export const VERSION = "0.1.0";
