/** A pattern in the dialect of RE2JS, with its named groups. */
export interface TranslatedPattern {
  readonly pattern: string
  /** The numbers of the groups by name. */
  readonly groups: ReadonlyMap<string, readonly number[]>
}

/** A quoted run, a Unicode class, an escape, a bracket expression, or an opening parenthesis. */
const PARTS =
  /\\Q.*?(?:\\E|$)|\\[pP](?:\{[^}]*\}|[A-Za-z])|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]?|\((?:\?P?<(\w+)>)?/gs
const ESCAPES = /\\[pP](?:\{[^}]*\}|[A-Za-z])|\\./gs

/** Go's long names of Unicode categories, as {@link canonicalName} leaves them. */
const CATEGORIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Casedletter: 'LC',
    Closepunctuation: 'Pe',
    Combiningmark: 'M',
    Connectorpunctuation: 'Pc',
    Control: 'Cc',
    Currencysymbol: 'Sc',
    Dashpunctuation: 'Pd',
    Decimalnumber: 'Nd',
    Enclosingmark: 'Me',
    Finalpunctuation: 'Pf',
    Format: 'Cf',
    Initialpunctuation: 'Pi',
    Letter: 'L',
    Letternumber: 'Nl',
    Lineseparator: 'Zl',
    Lowercaseletter: 'Ll',
    Mark: 'M',
    Mathsymbol: 'Sm',
    Modifierletter: 'Lm',
    Modifiersymbol: 'Sk',
    Nonspacingmark: 'Mn',
    Number: 'N',
    Openpunctuation: 'Ps',
    Other: 'C',
    Otherletter: 'Lo',
    Othernumber: 'No',
    Otherpunctuation: 'Po',
    Othersymbol: 'So',
    Paragraphseparator: 'Zp',
    Privateuse: 'Co',
    Punctuation: 'P',
    Separator: 'Z',
    Spaceseparator: 'Zs',
    Spacingmark: 'Mc',
    Surrogate: 'Cs',
    Symbol: 'S',
    Titlecaseletter: 'Lt',
    Unassigned: 'Cn',
    Uppercaseletter: 'Lu',
    Cntrl: 'Cc',
    Digit: 'Nd',
    Punct: 'P',
    Lc: 'LC',
    Ascii: 'ASCII',
  }),
)

/**
 * Translates a Go pattern for RE2JS: Go allows a group name twice (the first group that matched counts), and long names
 * of Unicode classes in any case.
 */
export function translateRegex(source: string): TranslatedPattern {
  const groups = new Map<string, number[]>()
  let count = 0
  const translated = (keepNames: boolean): string => {
    groups.clear()
    count = 0
    return source.replace(PARTS, (part: string, name: string | undefined, at: number) => {
      if (part.startsWith('\\Q')) return part
      if (!part.startsWith('(')) return part.replace(ESCAPES, unicodeClass)
      if (name === undefined) {
        if (source[at + 1] !== '?') count++
        return part
      }
      groups.set(name, [...(groups.get(name) ?? []), ++count])
      return keepNames ? part : '('
    })
  }
  const named = translated(true)
  const hasDuplicates = [...groups.values()].some((numbers) => numbers.length > 1)
  return { pattern: hasDuplicates ? translated(false) : named, groups }
}

function unicodeClass(escape: string): string {
  const [, letter = '', negation = '', braced, single] = /^\\([pP])(?:\{(\^?)(.*)\}|(.))$/s.exec(escape) ?? []
  if (letter === '') return escape
  const name = canonicalName(braced ?? single ?? '')
  return `\\${letter}{${negation}${CATEGORIES.get(name) ?? name}}`
}

function canonicalName(name: string): string {
  const letters = name.replace(/[_ -]/g, '')
  return letters.slice(0, 1).toUpperCase() + letters.slice(1).toLowerCase()
}
