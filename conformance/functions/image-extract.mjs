import * as engine from '@verify-images/condition-engine'
import { extractKyvernoImages, ImageError } from '@verify-images/image-matcher'

export const evaluate = ({ resource, imageExtractors }) => {
  try {
    return {
      result: extractKyvernoImages(resource, imageExtractors, {
        evaluate: (expression, text) => engine.search(expression, text),
      }),
    }
  } catch (error) {
    if (error instanceof ImageError) return { error: error.message }
    throw error
  }
}
