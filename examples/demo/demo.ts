// Two Pods meet a policy: one runs a signed image, the other does not. The registry is a real one, on loopback.
import { createImageVerifier, explain, parsePolicies } from '@verify-images/core'
import { createSigningWorld, type SigningKey } from '@verify-images/testing'

/**
 * The policy of a team that wants every image signed by its release key, but leaves the system's own namespace alone.
 */
export function demoPolicy({ publicKey }: SigningKey): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: signed-images
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: signed-by-release-key
      match:
        any:
          - resources:
              kinds: [Pod]
      exclude:
        any:
          - resources:
              namespaces: [kube-system]
      verifyImages:
        - imageReferences: ['registry.test/*']
          attestors:
            - entries:
                - keys:
                    rekor: { ignoreTlog: true }
                    ctlog: { ignoreSCT: true }
                    publicKeys: |
${publicKey.trim().replace(/^/gm, ' '.repeat(22))}
`
}

function pod(name: string, image: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'main', image }] },
  }
}

export async function demo(print: (line: string) => void): Promise<void> {
  const world = await createSigningWorld()
  try {
    const release = world.key('release')
    const signed = world.image('registry.test/shop/app:1.4').signedBy(release)
    const unsigned = world.image('registry.test/shop/tool:0.1')
    const verifier = createImageVerifier({
      policies: parsePolicies(demoPolicy(release), { source: 'demo.yaml' }),
      registry: world.registryClient(),
    })
    for (const [name, { reference }] of [
      ['app', signed],
      ['tool', unsigned],
    ] as const) {
      const verdict = await verifier.verifyResource(pod(name, reference))
      print(`Pod default/${name} with ${reference}`)
      print(verdict.admitted ? '  admitted' : '  denied')
      for (const { path, value } of verdict.patches)
        print(`  patch ${path} = ${String(typeof value === 'string' ? value : JSON.stringify(value))}`)
      if (verdict.denial !== undefined) print(verdict.denial.trim().replace(/^/gm, '  | '))
      print(explain(verdict, { depth: 'all' }).replace(/^/gm, '  '))
      print(`  ${String(verdict.requests.total)} requests\n`)
    }
  } finally {
    await world.close()
  }
}

if (import.meta.main) await demo((line) => process.stdout.write(`${line}\n`))
