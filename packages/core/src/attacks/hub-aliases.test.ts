import { expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

const attacked = attackedWorld({ hosts: ['docker.io'] })

const spellings = [
  'nginx',
  'library/nginx',
  'docker.io/nginx',
  'docker.io/library/nginx',
  'index.docker.io/nginx',
  'index.docker.io/library/nginx',
  'registry-1.docker.io/library/nginx',
  'DOCKER.IO/library/nginx',
]

test.each(
  spellings.flatMap(
    (spelling) =>
      [
        [spelling, true],
        [spelling, false],
      ] as const,
  ),
)(
  'a rule for Docker Hub matches %s, and one repository is used throughout (default registry written in: %s)',
  async (spelling, enableDefaultRegistryMutation) => {
    const { world } = attacked
    const release = world.key('release')
    const { digest } = world.image('docker.io/library/nginx:signed').signedBy(release)
    world.image('docker.io/library/nginx:unsigned')
    const policies = policyOf([signedBy([release], { imageReferences: ['docker.io/library/*'] })])
    const options = { enableDefaultRegistryMutation }

    const admitted = await attacked.judge(policies, podOf(`${spelling}:signed`), options)
    expect(admitted).toMatchObject({ admitted: true, outcome: 'accepted', images: [{ verified: true, digest }] })
    expect(admitted.patches.find(({ op }) => op === 'replace')?.value).toMatch(new RegExp(`nginx:signed@${digest}$`))
    expect((await attacked.judge(policies, podOf(`${spelling}:unsigned`), options)).admitted).toBe(false)
    expect(attacked.asked().every((line) => line.includes(' /v2/library/nginx/'))).toBe(true)
    expect(attacked.foreign).toEqual([])
  },
)

test.each(['docker.io:443/library/nginx', 'index.docker.io:443/nginx'])(
  'a rule for Docker Hub matches %s, which is fetched from the host that it names',
  async (spelling) => {
    const { world } = attacked
    world.image('docker.io/library/nginx:signed').signedBy(world.key('release'))
    const policies = policyOf([signedBy([world.key('release')], { imageReferences: ['docker.io/library/*'] })])
    expect(await attacked.judge(policies, podOf(`${spelling}:signed`))).toMatchObject({
      admitted: false,
      outcome: 'inconclusive',
      patches: [],
    })
    expect(attacked.asked()).toEqual([])
  },
)

test.each(['notdocker.io/library/nginx', 'docker.io.evil.test/library/nginx', 'docker.io:5000/library/nginx'])(
  'a rule for Docker Hub does not match the other registry of %s',
  async (spelling) => {
    const policies = policyOf([signedBy([attacked.world.key('release')], { imageReferences: ['docker.io/library/*'] })])
    expect(await attacked.judge(policies, podOf(`${spelling}:1`))).toMatchObject({
      unmatched: true,
      requests: { total: 0 },
    })
  },
)
