/**
 * The kinds of Kubernetes that run nothing, by API group. Any other kind, also a misspelt one, may have image fields
 * that are unknown here.
 *
 * @see Kubernetes 1.34, API reference
 */
const IDLE_KINDS: Readonly<Record<string, readonly string[]>> = {
  '': [
    'Binding',
    'ComponentStatus',
    'ConfigMap',
    'Endpoints',
    'Event',
    'LimitRange',
    'Namespace',
    'Node',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'ResourceQuota',
    'Secret',
    'Service',
    'ServiceAccount',
  ],
  'admissionregistration.k8s.io': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'authentication.k8s.io': ['SelfSubjectReview', 'TokenRequest', 'TokenReview'],
  'authorization.k8s.io': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ],
  autoscaling: ['HorizontalPodAutoscaler', 'Scale'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'coordination.k8s.io': ['Lease'],
  'discovery.k8s.io': ['EndpointSlice'],
  'events.k8s.io': ['Event'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io': ['IPAddress', 'Ingress', 'IngressClass', 'NetworkPolicy', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  policy: ['Eviction', 'PodDisruptionBudget'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'ResourceClaim', 'ResourceClaimTemplate', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': [
    'CSIDriver',
    'CSINode',
    'CSIStorageCapacity',
    'StorageClass',
    'VolumeAttachment',
    'VolumeAttributesClass',
  ],
}

/**
 * The same for extensions that many clusters have. What such an object creates (a Flux Kustomization, an Argo CD
 * Application) is admitted as an object of its own. Kinds with an image field are left out: `Prometheus`, `WasmPlugin`,
 * `ScaledJob`, ….
 *
 * @see the custom resource definitions that each project publishes
 */
const IDLE_EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  // https://cert-manager.io/docs/reference/api-docs/
  'acme.cert-manager.io': ['Challenge', 'Order'],
  'cert-manager.io': ['Certificate', 'CertificateRequest', 'ClusterIssuer', 'Issuer'],
  // https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/
  'argoproj.io': ['AppProject', 'Application', 'ApplicationSet'],
  // https://fluxcd.io/flux/components/
  'helm.toolkit.fluxcd.io': ['HelmRelease'],
  'image.toolkit.fluxcd.io': ['ImagePolicy', 'ImageRepository', 'ImageUpdateAutomation'],
  'kustomize.toolkit.fluxcd.io': ['Kustomization'],
  'notification.toolkit.fluxcd.io': ['Alert', 'Provider', 'Receiver'],
  'source.toolkit.fluxcd.io': ['Bucket', 'GitRepository', 'HelmChart', 'HelmRepository', 'OCIRepository'],
  // https://prometheus-operator.dev/docs/api-reference/api/
  'monitoring.coreos.com': [
    'AlertmanagerConfig',
    'PodMonitor',
    'Probe',
    'PrometheusRule',
    'ScrapeConfig',
    'ServiceMonitor',
  ],
  // https://gateway-api.sigs.k8s.io/reference/spec/
  'gateway.networking.k8s.io': [
    'BackendTLSPolicy',
    'GRPCRoute',
    'Gateway',
    'GatewayClass',
    'HTTPRoute',
    'ReferenceGrant',
    'TCPRoute',
    'TLSRoute',
    'UDPRoute',
  ],
  // https://istio.io/latest/docs/reference/config/
  'networking.istio.io': [
    'DestinationRule',
    'EnvoyFilter',
    'Gateway',
    'ServiceEntry',
    'Sidecar',
    'VirtualService',
    'WorkloadEntry',
    'WorkloadGroup',
  ],
  'security.istio.io': ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'],
  'telemetry.istio.io': ['Telemetry'],
  // https://external-secrets.io/latest/api/spec/
  'external-secrets.io': [
    'ClusterExternalSecret',
    'ClusterPushSecret',
    'ClusterSecretStore',
    'ExternalSecret',
    'PushSecret',
    'SecretStore',
  ],
  // https://github.com/bitnami-labs/sealed-secrets
  'bitnami.com': ['SealedSecret'],
  // https://keda.sh/docs/latest/reference/
  'keda.sh': ['ClusterTriggerAuthentication', 'ScaledObject', 'TriggerAuthentication'],
  // https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler
  'autoscaling.k8s.io': ['VerticalPodAutoscaler', 'VerticalPodAutoscalerCheckpoint'],
  // https://kubernetes-csi.github.io/docs/snapshot-restore-feature.html
  'snapshot.storage.k8s.io': ['VolumeSnapshot', 'VolumeSnapshotClass', 'VolumeSnapshotContent'],
  // https://karpenter.sh/docs/concepts/
  'karpenter.sh': ['NodeClaim', 'NodePool'],
  // https://docs.cilium.io/en/stable/network/kubernetes/policy/
  'cilium.io': ['CiliumClusterwideNetworkPolicy', 'CiliumNetworkPolicy'],
  // https://docs.tigera.io/calico/latest/reference/resources/
  'crd.projectcalico.org': ['GlobalNetworkPolicy', 'NetworkPolicy'],
  'projectcalico.org': ['GlobalNetworkPolicy', 'NetworkPolicy'],
  // https://kyverno.io/docs/ and https://github.com/kubernetes-sigs/wg-policy-prototypes
  'kyverno.io': ['CleanupPolicy', 'ClusterCleanupPolicy', 'ClusterPolicy', 'Policy', 'PolicyException'],
  'wgpolicyk8s.io': ['ClusterPolicyReport', 'PolicyReport'],
  'openreports.io': ['ClusterReport', 'Report'],
}

/** Returns whether objects of a kind never run an image. */
export function runsNothing({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return [IDLE_KINDS, IDLE_EXTENSIONS].some((kinds) => Object.hasOwn(kinds, group) && kinds[group]?.includes(kind))
}
