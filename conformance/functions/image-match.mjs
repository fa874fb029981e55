import {
  compileImagePatterns,
  ImageError,
  matchesImage,
  parseImageReference,
  skipsImage,
} from '@verify-images/image-matcher'

export const evaluate = ({ image, imageReferences = [], skipImageReferences = [] }) => {
  try {
    const reference = parseImageReference(image)
    return {
      match: matchesImage(compileImagePatterns(imageReferences), reference, { compatibility: 'kyverno' }),
      skipped: skipsImage(compileImagePatterns(skipImageReferences), reference),
    }
  } catch (error) {
    if (error instanceof ImageError) return { error: error.message }
    throw error
  }
}
