/** Text that others chose (names, commands, output), made safe to show; shell words. Pure. */

// deno-lint-ignore no-control-regex -- these are the characters that are to go
const INVISIBLE = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** Control characters, and those that turn the direction of text, as `\x1b` and `\u202e`: a name cannot steer a terminal. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(INVISIBLE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** A command as a shell (bash, zsh, POSIX 2024) reads it back, on one line. */
export function shellLine(command: readonly string[]): string {
  return command.map((word) => {
    if (/^[\w@%+=:,./-]+$/.test(word)) return word;
    const plain = plainText(word);
    if (plain === word) return `'${word.replaceAll("'", "'\\''")}'`;
    return `$'${plainText(word.replace(/[\\']/g, "\\$&"))}'`;
  }).join(" ");
}

/** Text with minus signs where numbers are negative. */
export function typeset(text: string): string {
  return text.replace(/(^|[\s[(])-(?=\.?\d)/g, "$1\u2212");
}
