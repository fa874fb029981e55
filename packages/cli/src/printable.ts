/** Control and format characters apart from line feeds: they move a terminal's cursor or change the text direction. */
const UNPRINTABLE = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/gu

/**
 * Escapes such characters as JSON would, so that text from a registry or a resource cannot fake a verdict on a
 * terminal. JSON stays the same data.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (found) => found.split('').map(escaped).join(''))
}

/** Escapes like {@link printable}, line feeds as well. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', escaped('\n'))
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
