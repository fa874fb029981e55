import type { DifferenceRow, ReasonCode } from '@verify-images/primitives'
import type { ImageVerifierOptions } from '../create-image-verifier.ts'

/**
 * - `stricter`: we deny what Kyverno admits.
 * - `laxer`: we admit what Kyverno denies.
 * - `kept`: we do as Kyverno does, although it surprises.
 */
export type DifferenceDirection = 'stricter' | 'laxer' | 'kept'

/** One row of docs/differences.md. */
export interface Difference {
  readonly direction: DifferenceDirection
  /** What we do and why, as Markdown. */
  readonly what: string
  /** The codes of the reasons, warnings and problems that name the row. */
  readonly codes?: readonly ReasonCode[]
  /**
   * For `stricter` the options that restore Kyverno's behaviour, for `kept` the stricter ones, for `laxer` the ones
   * that enable it; a `laxer` row without options applies always.
   */
  readonly options?: readonly VerifierOption[]
}

/** An option of `createImageVerifier`; a misspelt one does not compile. */
type VerifierOption =
  | keyof ImageVerifierOptions
  | `compatibility.${keyof NonNullable<ImageVerifierOptions['compatibility']> & string}`
  | `attestors.${keyof NonNullable<ImageVerifierOptions['attestors']> & string}`

/**
 * Where our outcome differs from Kyverno's, and where Kyverno's is kept although it surprises. `pnpm docs-tables`
 * writes the tables of docs/differences.md from it.
 */
export const differences: Readonly<Record<DifferenceRow, Difference>> = {
  S1: {
    direction: 'stricter',
    what:
      'A malformed image reference or container list is a rule error. Kyverno then sees no images at all, so one ' +
      'bad name would switch the rule off for the other containers. A blank image is skipped, as in Kyverno.',
    codes: [
      'IMAGE_REFERENCE_INVALID',
      'IMAGE_DIGEST_INVALID',
      'IMAGE_OBJECT_INVALID',
      'IMAGE_KEY_INVALID',
      'IMAGE_EXTRACTOR_INVALID',
      'IMAGE_EXPRESSION_FAILED',
      'IMAGE_LIMIT_EXCEEDED',
    ],
  },
  S2: {
    direction: 'stricter',
    what:
      '`matchConditions` are not evaluated: the policy applies and its images are verified, whatever they say. A ' +
      'warning names the policy.',
    codes: ['POLICY_MATCH_CONDITIONS_IGNORED'],
  },
  S3: {
    direction: 'stricter',
    what:
      'Only what was verified in this evaluation counts. The annotation that records it can be written by anyone ' +
      'who may write the object, so an unchanged image is verified again.',
    codes: ['VERIFIER_IMAGE_UNVERIFIED'],
    options: ['compatibility.trustRecordsInAnnotations'],
  },
  S4: {
    direction: 'stricter',
    what:
      'A failure stays when a later entry of the rule reports a skip or a pass. If a rule ended before all its ' +
      'entries were evaluated, what the others verified does not count.',
    codes: ['VERIFIER_IMAGE_UNVERIFIED'],
  },
  S5: {
    direction: 'stricter',
    what:
      'Only tokens and connections are kept from one evaluation to the next, so no verdict is reused for other ' +
      'input.',
  },
  S6: {
    direction: 'stricter',
    what: 'A tag is resolved once per evaluation, for all rules and credentials. What is pinned is what was verified.',
  },
  S7: {
    direction: 'stricter',
    what: 'A deprecated `key` or `issuer` beside `attestations` applies to the attestations. Kyverno drops it.',
  },
  S8: {
    direction: 'stricter',
    what:
      'An attestation without attestors is held to the attestors of its entry, and never passes if the entry has ' +
      'none either: anyone with a certificate of the authority could have signed it. Nested attestors count as ' +
      'attestors.',
    codes: ['POLICY_ATTESTORS_MISSING', 'ATTESTOR_POLICY_INVALID', 'ATTESTOR_SET_INVALID'],
  },
  S9: {
    direction: 'stricter',
    what: 'A certificate without a subject alternative name matches no `subject`.',
    codes: ['ATTESTOR_IDENTITY_MISMATCH'],
  },
  S10: {
    direction: 'stricter',
    what:
      '`subject` and `subjectRegExp` must both match if both are given. Regular expressions are used as written; ' +
      'a warning names those without anchors.',
    codes: ['ATTESTOR_IDENTITY_MISMATCH', 'ATTESTOR_PATTERN_UNANCHORED'],
  },
  S11: {
    direction: 'stricter',
    what: 'Identity and annotations must match in one and the same signature.',
    codes: ['ATTESTOR_ANNOTATION_MISMATCH'],
  },
  S12: {
    direction: 'stricter',
    what: 'One key is one signer, however often and in whatever form it is listed.',
    codes: ['ATTESTOR_DUPLICATE_SIGNER'],
  },
  S13: {
    direction: 'stricter',
    what:
      'A pinned certificate must have been valid when the signature was made; without a trusted time, it must be ' +
      'valid now.',
    codes: ['ATTESTOR_CERTIFICATE_EXPIRED'],
    options: ['attestors.acceptExpiredPinnedCertificates'],
  },
  S14: {
    direction: 'stricter',
    what:
      'A bundle counts as a signature of the image if it is a cosign signature, a message signature or SLSA ' +
      'provenance; a scan or an SBOM does not. SCTs are checked.',
    codes: ['ATTESTOR_NO_SIGNATURE', 'ATTESTOR_SCT_INVALID'],
    options: ['attestors.acceptAnyStatementAsSignature', 'attestors.acceptCertificatesWithoutSct'],
  },
  S15: {
    direction: 'stricter',
    what:
      "All ways to write an image reference count as one: Docker Hub's host names, a digest beside or instead of " +
      'a tag. `skipImageReferences` skips no more than in Kyverno.',
    options: ['compatibility.matchOneSpellingOnly'],
  },
  S16: {
    direction: 'stricter',
    what:
      'A statement is visible to its own conditions, and under the name of its attestation to those after it in ' +
      'the entry, but never under a name that means something else (`request`, `images`, a context entry, another' +
      ' attestation). An attestation with such a name never passes. A condition that mentions a name which ' +
      'Kyverno would mix up, or remember from an earlier image, fails.',
    codes: ['CONDITION_VARIABLE_UNRESOLVED', 'ATTESTOR_POLICY_INVALID'],
  },
  S17: {
    direction: 'stricter',
    what:
      'Text that came from data is never evaluated, and the number of variables is limited. An escaped variable ' +
      'in conditions over statements, which Kyverno evaluates after all, is refused.',
    codes: ['CONDITION_VALUE_INVALID', 'CONDITION_INVALID', 'CONDITION_LIMIT_EXCEEDED'],
  },
  S18: {
    direction: 'stricter',
    what: "Only the policy's side of a comparison is a pattern. An attested `*` is an asterisk.",
    options: ['compatibility.compareConditionsLoosely'],
  },
  S19: {
    direction: 'stricter',
    what: 'In `deny`, a comparison that cannot be made denies: null, another type, a string that is no number.',
    codes: ['VERIFIER_DENIED'],
    options: ['compatibility.compareConditionsLoosely'],
  },
  S20: {
    direction: 'stricter',
    what:
      'Keys are PEM strings, Secrets, or come from a resolver. Files, URLs and environment variables are never ' +
      'read.',
    codes: ['ATTESTOR_POLICY_INVALID'],
  },
  S21: {
    direction: 'stricter',
    what:
      'If the labels of a namespace are needed and cannot be read, the rule is an error. Kyverno skips the policy. ' +
      'They are read only where all else of the rule matches and an image concerns it.',
    codes: ['VERIFIER_NAMESPACE_UNAVAILABLE'],
  },
  'adm-roles-unknown': {
    direction: 'stricter',
    what:
      'A rule or exception that selects by `roles` or `clusterRoles` needs the role bindings of the cluster, ' +
      'unless the request states the roles (an API server does not). Without `kubernetes.list`, or if it fails, ' +
      'the rule is evaluated as if it applied: it passes, or it could not be checked. Kyverno reads the bindings ' +
      'itself. Scans, and objects passed in without a requester, are as in Kyverno.',
    codes: ['VERIFIER_ROLES_UNAVAILABLE'],
    options: ['kubernetes'],
  },
  S22: {
    direction: 'stricter',
    what: 'Two images never share one name, and the extractors of one rule do not change what another rule sees.',
  },
  S24: {
    direction: 'stricter',
    what: '`validate.deny` is evaluated for every entry that has one. Kyverno evaluates it only after attestations.',
    codes: ['VERIFIER_DENIED'],
  },
  S25: {
    direction: 'kept',
    what:
      "Wildcards match in linear time, with Kyverno's answers. Kyverno's matcher needs exponential time for some " +
      'patterns.',
  },
  S28: {
    direction: 'stricter',
    what: 'An object may name pull secrets of its own namespace only.',
    codes: ['VERIFIER_CREDENTIALS_UNAVAILABLE'],
  },
  S29: {
    direction: 'stricter',
    what:
      'What a policy states for bundles must hold: its own roots, log keys and timestamp chain replace the ' +
      'general ones; annotations and extensions are checked. Kyverno ignores these fields.',
    codes: ['ATTESTOR_ANNOTATION_MISMATCH', 'ATTESTOR_IDENTITY_MISMATCH', 'ATTESTOR_CERTIFICATE_UNTRUSTED'],
  },
  S30: {
    direction: 'stricter',
    what:
      'Images in places where Kyverno does not look are verified and pinned too: `volumes[].image` and the ' +
      'template of a PodTemplate. Input whose rules would silently not apply is refused: a list of objects, names' +
      " and labels that are not strings, a kind that is not the object's, a request of unknown form. A kind with " +
      'a subresource (`Pod/*`) also matches the object itself, which a cluster never sends for such a rule.',
    codes: ['VERIFIER_RESOURCE_INVALID'],
  },
  'cnd-empty': {
    direction: 'stricter',
    what:
      'Conditions over statements and of exceptions that require nothing (`[{}]`, an empty `any`), or have ' +
      'unknown members, never hold.',
    codes: ['CONDITION_INVALID'],
  },
  'ctx-failure-stays': {
    direction: 'stricter',
    what:
      'A context entry that cannot be loaded fails every expression that mentions it. In Kyverno it fails the ' +
      'first one only; the next may fall back on `||`, so the order of the expressions would decide.',
    codes: ['CONDITION_VARIABLE_UNRESOLVED'],
  },
  'ctx-config-spelling': {
    direction: 'stricter',
    what:
      'An image config with a repeated key, or with a field in other letters (`user`), cannot be loaded into a ' +
      'context entry. Container runtimes read it regardless of case, so a policy would not see what they use.',
    codes: ['CONDITION_VARIABLE_UNRESOLVED'],
  },
  'crt-empty-identity': {
    direction: 'stricter',
    what: 'A keyless attestor without an identity never passes.',
    codes: ['ATTESTOR_POLICY_INVALID'],
  },
  'crt-key-usage': {
    direction: 'stricter',
    what:
      'A signing certificate whose key usage has neither `digitalSignature` nor `contentCommitment` is refused. ' +
      'Kyverno does not look at key usages. Without one, or without an extended key usage, a certificate under ' +
      '`certificates` is unrestricted, as in Kyverno.',
    codes: ['ATTESTOR_CERTIFICATE_INVALID'],
  },
  'crt-issuer-oid-conflict': {
    direction: 'stricter',
    what: 'A certificate whose two issuer extensions disagree or are malformed is refused.',
    codes: ['ATTESTOR_IDENTITY_MISMATCH'],
  },
  'crt-name-string-type': {
    direction: 'stricter',
    what:
      'A name in a certificate is an identity only in the ASN.1 string type of its field: UTF8String for ' +
      "Sigstore's otherName, IA5String for e-mail addresses and URIs.",
    codes: ['ATTESTOR_IDENTITY_MISMATCH'],
  },
  'crt-san-type-confusion': {
    direction: 'stricter',
    what:
      "Only e-mail addresses, URIs and Sigstore's otherName are identities; DNS names and IP addresses with the " +
      'same text are not.',
    codes: ['ATTESTOR_IDENTITY_MISMATCH'],
  },
  'tim-missing-falls-back-to-now': {
    direction: 'stricter',
    what:
      'If a timestamp authority is configured and nothing else gives a time, a signature without a timestamp is ' +
      'refused.',
    codes: ['ATTESTOR_TIMESTAMP_MISSING'],
  },
  'att-signature-annotation': {
    direction: 'stricter',
    what:
      'A layer of a `.att` manifest needs the annotation `dev.cosignproject.cosign/signature`, which is empty in ' +
      'those that cosign writes. Kyverno reads it only where it asks a transparency log or a timestamp ' +
      'authority, and fails there.',
    codes: ['ATTESTOR_SIGNATURE_INVALID'],
  },
  'att-unproved-statement': {
    direction: 'stricter',
    what:
      'An attestation of the wanted type that the required signer signed, and whose certificate, log entry or ' +
      'timestamp is missing or damaged, leaves the outcome open where conditions or `deny` read attestations: it ' +
      'may be the one that denies. Kyverno skips it if another one verifies.',
    codes: ['ATTESTOR_STATEMENT_UNREADABLE'],
  },
  'att-referrer-artifacttype-lie': {
    direction: 'stricter',
    what: 'The type of a Notary attestation is read from its signed manifest, not from the referrers listing.',
    codes: ['ATTESTOR_STATEMENT_MISSING'],
  },
  'net-apicall-token': {
    direction: 'stricter',
    what:
      "A response body is repeated in messages only if it is a registry's error document. Otherwise anyone who " +
      'writes an image reference could read the answer of an internal service.',
  },
  'json-one-reading': {
    direction: 'stricter',
    what:
      'JSON of manifests, envelopes, statements and bundles that two readers could read differently is refused: ' +
      'a key twice, a known name in another case (Go reads `Digest` as `digest`), an integer of a manifest ' +
      'written as `1.0`, a lone surrogate, bytes that are not UTF-8, more than 200 levels. So is what follows a ' +
      'manifest.',
    codes: ['ATTESTOR_PAYLOAD_INVALID', 'REGISTRY_MANIFEST_INVALID', 'REGISTRY_MANIFEST_AMBIGUOUS'],
  },
  'yaml-one-reading': {
    direction: 'stricter',
    what:
      'YAML of policies that readers read differently is refused: a repeated key, also a key before the `<<` ' +
      'that merges it, tags of timestamps and other types that are not of JSON, a colon or a tag directly before ' +
      '`,`, `[` or `]` in `{a:, b}`, a second document without `---`, and line breaks as all of a block scalar. ' +
      'So are integers beyond 2^53 where they are read.',
    codes: ['POLICY_YAML_INVALID', 'POLICY_NUMBER_INEXACT'],
  },
  'not-critical-attr': {
    direction: 'stricter',
    what: 'A critical attribute of a Notary signature that is not understood stops verification.',
    codes: ['ATTESTOR_SIGNATURE_INVALID'],
  },
  'sig-payload-type': {
    direction: 'stricter',
    what:
      'The payload of a simple signing signature must have a container signature type in `critical.type`. Other ' +
      'signed JSON with a digest in the same place is no image signature.',
    codes: ['ATTESTOR_PAYLOAD_INVALID'],
    options: ['attestors.acceptAnySignedPayload'],
  },
  'deny-every-statement': {
    direction: 'stricter',
    what:
      '`deny` and conditions are evaluated for every trusted statement of a type. Kyverno evaluates them for one; of ' +
      'Notary attestations it verifies only the first that is listed. An attestation that cannot be read leaves the ' +
      'outcome open, so the image is denied. Kyverno skips it.',
    codes: ['VERIFIER_DENIED', 'ATTESTOR_CONDITION_NOT_MET'],
  },
  'deny-statement-of-name': {
    direction: 'laxer',
    what:
      'With several named attestations of one image, `deny` sees under each name the statement of its type. ' +
      'Kyverno puts the first statement of any type there, so its `deny` may fail or deny on the wrong statement.',
  },
  'reg-referrers-redirect': {
    direction: 'stricter',
    what:
      'A redirect of the referrers request to another place leaves the outcome open: it may lead to a log-in ' +
      'page, which says nothing about referrers. Kyverno follows it, and reads the fallback tag if it yields no ' +
      'listing. 400, 404, 406 and other media types mean that there is no referrers API, 405 that the request ' +
      'failed, as in Kyverno.',
    codes: ['REGISTRY_REDIRECT_REFUSED'],
  },
  'reg-poison-referrer': {
    direction: 'laxer',
    what:
      'One good Sigstore bundle, Notary signature or Notary attestation is enough, whatever broken or foreign ' +
      'ones are stored beside it. Otherwise anyone who may push could have every image denied. Of more than 50 ' +
      'bundles those are read first whose listing names a type that can serve; Kyverno fails at more than 50 ' +
      'referrers of any type. Who may push can still have an image denied, never admitted: with 50 bundles that ' +
      'claim such a type, with one more bundle than 50 where conditions or `deny` must see every statement, and ' +
      'with 51 referrers for Notary. These outcomes are inconclusive.',
  },
  'bundle-repository': {
    direction: 'laxer',
    what:
      'Sigstore bundles are looked for in the `repository` that the policy names. Kyverno ignores the field and ' +
      'looks beside the image, so it denies an image whose bundles are where the policy says. A bundle from ' +
      'there is held to the same signers, logs and digest.',
  },
  'reg-other-digests': {
    direction: 'laxer',
    what:
      "Images, layers and configs may have SHA-384 and SHA-512 digests. Kyverno's registry library knows SHA-256 " +
      'only, so such an image, and a signature manifest that refers to such content, fails there.',
  },
  'reg-untyped-referrer': {
    direction: 'laxer',
    what:
      'A referrer that is listed without an artifact type, or with the media type of an empty config, is a ' +
      'Sigstore bundle if its manifest says so. cosign 3 writes such a listing to registries without the ' +
      'referrers API, such as ghcr.io, and finds its bundles there; Kyverno skips them ' +
      '([16664](https://github.com/kyverno/kyverno/issues/16664)).',
  },
  'sig-other-format': {
    direction: 'laxer',
    what:
      "Only with `discovery: 'auto'`: if the format of the rule's `type` does not verify, Sigstore bundles are " +
      'also looked for in rules of type Cosign, and cosign tags in rules of type SigstoreBundle. The evidence and' +
      ' a warning say so.',
    options: ['attestors.discovery'],
  },
  B24: {
    direction: 'laxer',
    what:
      'A cluster reads the labels of a namespace only if a rule selects by them, so an override of the failure ' +
      'action that selects by labels alone is evaluated without labels. We do the same, unless the caller states ' +
      'the labels: then an override to Audit applies that Kyverno does not see. If labels are needed and cannot ' +
      'be read, an override to Enforce applies in any case. A warning names the policy.',
    codes: ['POLICY_FIELD_IGNORED'],
  },
  S23: {
    direction: 'kept',
    what:
      'An attestation of the wanted type by another signer fails the check, so anyone who may push can cause a ' +
      'denial.',
    options: ['attestors.ignoreForeignAttestations'],
  },
  S26: {
    direction: 'kept',
    what: 'A signature for the same digest that was made for another repository counts.',
    options: ['attestors.requireSignedRepository'],
  },
  S27: {
    direction: 'kept',
    what: 'Images in kinds that Kyverno does not know are not verified without `imageExtractors`. A warning says so.',
    options: ['unmatched'],
  },
  B1: {
    direction: 'kept',
    what: '`certificates` with both `cert` and `certChain` always fails.',
    options: ['attestors.verifyPinnedChain'],
  },
  'default-registry-unwritten': {
    direction: 'kept',
    what:
      "With `enableDefaultRegistryMutation: false`, an image without a registry is Docker Hub's, whatever " +
      '`defaultRegistry` says: `defaultRegistry` only lets the reference be parsed. A rule for ' +
      '`registry.example.com/*` does not match it.',
    options: ['enableDefaultRegistryMutation'],
  },
  'upd-unjudged': {
    direction: 'laxer',
    what:
      'In a review, an update is admitted without judging it if the object is being deleted, or if it is a Job that ' +
      'the update starts no Pod of (its specification is unchanged, or its template is and the Job stays suspended), ' +
      'and if everything that runs and everything that rules read is as the API server has it. Kyverno judges such ' +
      'an update, so an unsigned Pod from before the policy, or one whose registry is down, cannot lose its finalizer.',
  },
  'upd-fixed-image': {
    direction: 'laxer',
    what:
      'An image that an update cannot change is verified and not pinned: in the template of a Job, in ephemeral ' +
      'containers and image volumes of a Pod. The API server would refuse the patch of Kyverno, and so any update.',
  },
  'upd-unchanged-images': {
    direction: 'laxer',
    what:
      'With this option, an update of any object is admitted without judging it, if its specification and all ' +
      'that rules read is as the API server has it. An image that a newer policy refuses goes on running all the ' +
      'same.',
    options: ['skipUnchangedImages'],
  },
}
