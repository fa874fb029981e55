/** A PEM text: `/etc/ssl/certs` as one file is 250 kB, and no Kubernetes object holds more than this. */
export const MAX_PEM_LENGTH: number = 1024 * 1024
/** Blocks of one PEM text, unless the caller says otherwise; the public web's roots are about 150. */
export const MAX_PEM_BLOCKS = 256
/** One certificate. Real ones are 1–4 kB; those of large CT-logged web hosts reach 10 kB. */
export const MAX_CERTIFICATE_BYTES: number = 64 * 1024
/** A `SubjectPublicKeyInfo`; RSA-8192 has 1.1 kB. */
export const MAX_PUBLIC_KEY_BYTES: number = 8 * 1024
/** A timestamp response with its certificates; real ones are 1–8 kB. */
export const MAX_TOKEN_BYTES: number = 128 * 1024
/** Any other DER, unless the caller says otherwise: OCSP answers are 2 kB, revocation lists get their own bound. */
export const MAX_DER_BYTES: number = 1024 * 1024
/** Nesting of DER. A certificate inside CMS inside a timestamp response needs about 16 levels. */
export const MAX_DER_DEPTH = 48
/** Elements of one DER value. A certificate has about 150; each costs time even where it costs no memory. */
export const MAX_DER_ELEMENTS = 20_000
/** Octets of one OID; the longest in use have fewer than 20. */
export const MAX_OID_BYTES = 64
/** Extensions of one certificate; Fulcio's have about 30. */
export const MAX_EXTENSIONS = 100
/** Names in one `subjectAltName`, subtrees in `nameConstraints`, usages, URLs: what a certificate lists. */
export const MAX_LIST_LENGTH = 200
/** RSA moduli: below is breakable, above costs more per signature than a request may cost. */
export const MIN_RSA_BITS = 2048
export const MAX_RSA_BITS = 8192
/** Intermediates looked at for one chain. */
export const MAX_INTERMEDIATES = 500
/** Certificates of one chain, leaf and anchor included; cosign and Kyverno allow 11 or 12. */
export const MAX_CHAIN_LENGTH = 12
/** Signatures checked while looking for one chain, as in Go. Each is 0.1–0.5 ms. */
export const MAX_SIGNATURE_CHECKS = 100
/** Certificates a timestamp token may bring. */
export const MAX_TOKEN_CERTIFICATES = 16
/** How much of an outside value an error message shows. */
export const MAX_SHOWN_LENGTH = 100
