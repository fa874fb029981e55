/** How deep the Pod's fields are in a controller, and in a CronJob. */
const TEMPLATES = { controllers: 'spec.template', cronJob: 'spec.jobTemplate.spec.template' } as const

export type RewriteTarget = keyof typeof TEMPLATES

/**
 * The JSON text of a rule with the paths of a Pod moved into a controller's template: everywhere where the words
 * stand, in variables, messages and keys alike.
 *
 * @param cel whether the rule has CEL expressions, which say `object` without `request`
 * @see Kyverno, pkg/autogen/v1: updateFields
 */
export function rewriteFields(text: string, target: RewriteTarget, cel: boolean): string {
  const template = TEMPLATES[target]
  const lead = cel ? '' : 'request.'
  // One after the other, as upstream does: no result holds what is looked for next.
  return (['spec', 'metadata'] as const)
    .flatMap((field) => [`${lead}object`, `${lead}oldObject`].map((object) => ({ field, object })))
    .reduce(
      (rewritten, { field, object }) => rewritten.replaceAll(`${object}.${field}`, `${object}.${template}.${field}`),
      text,
    )
}
