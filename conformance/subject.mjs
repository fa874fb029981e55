// Binds our public API to the scorer (corpus/score.mjs, whose head says what a subject exports).
const names = [
  'autogen',
  'conditions',
  'image-extract',
  'image-match',
  'image-reference',
  'jmespath',
  'match',
  'operators',
  'policy-validation',
  'substitution',
  'wildcard',
]
export const functions = {}
for (const name of names) {
  const bound = await import(`./functions/${name}.mjs`).catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') console.error(name, error)
    return undefined
  })
  if (bound) functions[name] = bound.evaluate
}
export { evaluate } from './evaluate.mjs'
