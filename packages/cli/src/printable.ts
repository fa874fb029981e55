/** Control and format characters, apart from line feeds: what moves a terminal's cursor, or turns the direction of a text. */
const UNPRINTABLE = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/gu

/**
 * The text with such characters as JSON would escape them, so that nobody whose words are printed draws a verdict of his
 * own. JSON stays the same data.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (found) => found.split('').map(escaped).join(''))
}

/** The same, kept to one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', escaped('\n'))
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
