import { ImageError, parseImageReference } from '@verify-images/image-matcher'

export const evaluate = ({ image, ...settings }) => {
  try {
    const { canonical: string, ...parts } = parseImageReference(image, settings)
    return { result: { ...parts, string } }
  } catch (error) {
    if (error instanceof ImageError) return { error: error.message }
    throw error
  }
}
