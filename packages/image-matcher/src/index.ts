export { COMMON_KINDS, commonKindOf, type CommonKinds } from './common-kinds.ts'
export {
  extractImages,
  extractKyvernoImages,
  type ExtractedImage,
  type ExtractOptions,
  type KyvernoImage,
} from './extract-images.ts'
export { ImageError, type ImageErrorCode, type ImageErrorDetails } from './image-error.ts'
export { hasExtractor, type ImageExtractor, type ImageExtractors } from './image-extractors.ts'
export {
  compileImagePatterns,
  matchesImage,
  matchImage,
  skipsImage,
  type ImageMatch,
  type ImagePatterns,
  type ImageCompatibility,
} from './image-patterns.ts'
export { parseImageReference, type ImageReference, type RegistrySettings } from './image-reference.ts'
export type { Json, JsonObject } from '@verify-images/primitives'
export {
  canonicalHost,
  isImageReference,
  isRepositoryPath,
  isTag,
  parseRepositoryName,
  type RepositoryName,
} from './reference-grammar.ts'
export { reextracts, type EvaluateExpression, type FoundImage, type ReadImageOptions } from './read-image.ts'
