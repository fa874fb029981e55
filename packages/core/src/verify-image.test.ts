import { expect, test } from 'vitest'
import { createImageVerifier } from './create-image-verifier.ts'

test.each([undefined, null, 7, {}])('%j is no reference, and is not admitted as one that no policy concerns', async (reference) => {
  await expect(createImageVerifier({ policies: [] }).verifyImage(reference as unknown as string)).rejects.toMatchObject({ code: 'VERIFIER_RESOURCE_INVALID' })
})
