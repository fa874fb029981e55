import { HeldPredicate, type Verified } from '@verify-images/primitives'
import type { Statement } from '../signature-verifier.ts'

/** The statements of each named attestation, one for each distinct predicate, Kyverno's choice first. */
export type NamedStatements = ReadonlyMap<string, readonly [Verified<Statement>, ...Verified<Statement>[]]>

/** One statement for each name: what an expression sees at a time. */
export type StatementChoice = ReadonlyMap<string, Verified<Statement>>

/**
 * Adds the statements of an attestation under its name. Those that other attestors of it have signed stay.
 *
 * @param first the statement that Kyverno shows under the name
 */
export function addStatements(
  named: NamedStatements,
  name: string,
  first: Verified<Statement>,
  statements: readonly Verified<Statement>[],
): NamedStatements {
  const all = [...statements, ...(named.get(name) ?? [])]
  const byPredicate = new Map(all.map((statement) => [fingerprintOf(statement), statement] as const))
  byPredicate.delete(fingerprintOf(first))
  return new Map([...named, [name, [first, ...byPredicate.values()]] as const])
}

/**
 * Returns every choice of one statement for each name, Kyverno's choice first.
 *
 * The number of choices is the product of the numbers of statements, so at most `limit + 1` are returned: with more
 * than `limit`, the caller must not conclude anything from them.
 */
export function statementChoices(named: NamedStatements, limit: number): readonly StatementChoice[] {
  let choices: readonly StatementChoice[] = [new Map()]
  for (const [name, statements] of named) {
    choices = statements
      .slice(0, limit + 1)
      .flatMap((statement) => choices.map((chosen) => new Map([...chosen, [name, statement]])))
      .slice(0, limit + 1)
  }
  return choices
}

function fingerprintOf({ predicate }: Statement): string {
  return predicate instanceof HeldPredicate ? predicate.fingerprint : JSON.stringify(predicate)
}
