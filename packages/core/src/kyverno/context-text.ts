import type { EntryFault, ImageStep } from '../engine/context/entry-error.ts'
import { presentFailure } from './text/present-failure.ts'

/** Returns Kyverno's sentence for a context entry that could not be loaded; ours where Kyverno has none. */
export function contextText(entry: string, fault: EntryFault): string {
  switch (fault.kind) {
    case 'no-source':
      return `missing ConfigMap|APICall|ImageRegistry|Variable in context entry ${entry}`
    case 'no-reader':
      return fault.of === 'ConfigMaps'
        ? 'a ConfigmapResolver is required'
        : `context entry ${entry}: ${fault.of} need the \`kubernetes\` option`
    case 'variables':
      return `failed to substitute variables in context ${fault.field}: ${fault.cause}`
    case 'field-not-string':
      return `failed to substitute variables in context ${fault.field}: expected string`
    case 'path-not-string':
      return `jmespath value must be a string ${entry} ${fault.path}`
    case 'path-failed':
      return `failed to apply JMESPath ${fault.path} for context entry ${entry}: ${fault.cause}`
    case 'variable-path-failed':
      // Kyverno never prints the value.
      return `failed to apply jmespath ${fault.path} to variable <nil>: ${fault.cause}`
    case 'variable-null':
      return `failed to add context entry for variable ${entry} since it evaluated to nil`
    case 'config-map':
      return (
        `failed to retrieve config map for context entry ${entry}: ` +
        `${typeof fault.cause === 'string' ? fault.cause : contextText(entry, fault.cause)}`
      )
    case 'config-map-unreadable':
      return `failed to get configmap ${fault.namespace}/${fault.name} : ${fault.cause}`
    case 'config-map-missing':
      return `failed to get configmap ${fault.namespace}/${fault.name} : configmaps "${fault.name}" not found`
    case 'config-map-foreign':
      return (
        `context entry ${entry}: configMap namespace "${fault.namespace}" is different from policy namespace ` +
        `"${fault.policyNamespace}"`
      )
    case 'global-entry-missing':
      return `failed to marshal APICall data for context entry ${entry}: failed to fetch entry key=${fault.key}`
    case 'call-failed':
      return (
        `failed to execute APICall for context entry ${entry}: ${fault.method} ${fault.target ?? 'the service'}` +
        ` failed`
      )
    case 'call-invalid':
      return `context entry ${entry}: ${fault.problem}`
    case 'image-not-string':
      return `invalid image reference ${fault.value}, image reference must be a string`
    case 'image':
      return (
        `${IMAGE_STEPS[fault.step]}: ${fault.image}, error: ` +
        `${'failure' in fault.cause ? presentFailure(fault.cause.failure).text : contextText(entry, fault.cause.fault)}`
      )
  }
}

const IMAGE_STEPS: Readonly<Record<ImageStep, string>> = {
  describe: 'failed to fetch image descriptor',
  parse: 'failed to parse image reference',
  fetch: 'failed to fetch image reference',
  resolve: 'failed to resolve image reference',
  'fetch-config': 'failed to fetch config for image reference',
  'decode-config': 'failed to decode config for image reference',
}
