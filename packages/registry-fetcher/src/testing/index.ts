export { startLoopbackRegistry } from './loopback-registry.ts'
export type {
  LoopbackOptions,
  LoopbackRegistry,
  ReceivedRequest,
  StoredDescriptor,
  Twist,
} from './loopback-registry.ts'
export { createTestCertificate } from './test-certificate.ts'
export type { TestCertificate, TestCertificateOptions } from './test-certificate.ts'
