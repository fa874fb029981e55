/** What is wrong with a certificate or its chain, where the code alone does not say enough. */
export type CertificateDetail =
  | {
      readonly kind: 'certificate-validity'
      /** When it was checked, and the bounds it is outside of: ISO 8601. */
      readonly at: string
      readonly notBefore: string
      readonly notAfter: string
    }
  | {
      readonly kind: 'certificate-signature'
      /** The kind of key that should have made it. */
      readonly key: 'ec' | 'rsa' | 'ed25519'
    }
  | {
      /** No trusted certificate issued it. */
      readonly kind: 'certificate-authority'
      /** A trusted certificate of the issuer's name, and why it is not the issuer. */
      readonly candidate?: {
        /** Common name, organization or serial number. */
        readonly name: string
        readonly problem: string
        readonly detail?: CertificateDetail
      }
    }
  | {
      readonly kind:
        | 'certificate-usage'
        | 'certificate-critical-extension'
        | 'certificate-issuer-name'
        | 'certificate-not-a-ca'
        | 'certificate-path-length'
        | 'certificate-algorithm'
        | 'certificate-search-limit'
    }
