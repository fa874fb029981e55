/**
 * Characters of one PEM text: `/etc/ssl/certs` as one file has 250 000, and no Kubernetes object holds more than
 * this.
 */
export const MAX_PEM_LENGTH: number = 1024 * 1024
/** Blocks of one PEM text, unless the caller says otherwise; the public web's roots are about 150. */
export const MAX_PEM_BLOCKS = 256
/** Size of one certificate. Real ones have 1–4 kB; those of large CT-logged web hosts reach 10 kB. */
export const MAX_CERTIFICATE_BYTES: number = 64 * 1024
/** Size of one public key (`SubjectPublicKeyInfo`). RSA-8192 has 1.1 kB. */
export const MAX_PUBLIC_KEY_BYTES: number = 8 * 1024
/** Size of a timestamp with its certificates. Real ones have 1–8 kB. */
export const MAX_TOKEN_BYTES: number = 128 * 1024
/** Size of other DER, unless the caller says otherwise. OCSP responses have 2 kB; CRLs have a limit of their own. */
export const MAX_DER_BYTES: number = 1024 * 1024
/** Nesting of one DER value. A certificate inside CMS inside a timestamp response needs about 16 levels. */
export const MAX_DER_DEPTH = 48
/** Elements of one DER value. A certificate has about 150; each costs time even where it costs no memory. */
export const MAX_DER_ELEMENTS = 20_000
/** Size of one object identifier. The longest in use have fewer than 20 bytes. */
export const MAX_OID_BYTES = 64
/** Extensions of one certificate; Fulcio's have about 30. */
export const MAX_EXTENSIONS = 100
/** Names in one `subjectAltName`, subtrees in `nameConstraints`, usages, URLs: what a certificate lists. */
export const MAX_LIST_LENGTH = 200
/** Shortest RSA modulus. Shorter ones can be factored, or soon will be. */
export const MIN_RSA_BITS = 2048
/** Longest RSA modulus. A signature by a longer one costs more time than a review may take. */
export const MAX_RSA_BITS = 8192
/** Intermediate certificates considered for one chain. Real signatures bring one or two. */
export const MAX_INTERMEDIATES = 500
/** Certificates of one chain, leaf and anchor included; cosign and Kyverno allow 11 or 12. */
export const MAX_CHAIN_LENGTH = 12
/** Signatures checked while looking for one chain, as in Go. Each is 0.1–0.5 ms. */
export const MAX_SIGNATURE_CHECKS = 100
/** Certificates in one timestamp. Real ones have two or three. */
export const MAX_TOKEN_CERTIFICATES = 16
/** Characters of a foreign value that a message shows, so that it stays on one line. */
export const MAX_SHOWN_LENGTH = 100
