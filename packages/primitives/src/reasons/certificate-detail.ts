/** What is wrong with a certificate, key or timestamp, where the code alone does not say enough. */
export type CertificateDetail = never
