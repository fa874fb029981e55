/** The version of this package, in step with its manifest (a test compares them). */
export const version = '0.1.0'
