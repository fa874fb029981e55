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

/** Kinds of one API group whose objects run nothing, and where the project documents them. */
export interface IdleKinds {
  readonly group: string
  readonly kinds: readonly string[]
  readonly source: string
}

/**
 * The same for extensions that many clusters have. What such an object creates (a Flux Kustomization, an Argo CD
 * Application) is admitted as an object of its own. Kinds with an image field are left out: `Prometheus`, `WasmPlugin`,
 * `ScaledJob`, ….
 */
export const IDLE_EXTENSIONS: readonly IdleKinds[] = [
  {
    group: 'acme.cert-manager.io',
    kinds: ['Challenge', 'Order'],
    source: 'https://cert-manager.io/docs/reference/api-docs/',
  },
  {
    group: 'argoproj.io',
    kinds: ['AppProject', 'Application', 'ApplicationSet'],
    source: 'https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/',
  },
  {
    group: 'autoscaling.k8s.io',
    kinds: ['VerticalPodAutoscaler', 'VerticalPodAutoscalerCheckpoint'],
    source: 'https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler',
  },
  { group: 'bitnami.com', kinds: ['SealedSecret'], source: 'https://github.com/bitnami-labs/sealed-secrets' },
  {
    group: 'cert-manager.io',
    kinds: ['Certificate', 'CertificateRequest', 'ClusterIssuer', 'Issuer'],
    source: 'https://cert-manager.io/docs/reference/api-docs/',
  },
  {
    group: 'cilium.io',
    kinds: ['CiliumClusterwideNetworkPolicy', 'CiliumNetworkPolicy'],
    source: 'https://docs.cilium.io/en/stable/network/kubernetes/policy/',
  },
  {
    group: 'crd.projectcalico.org',
    kinds: ['GlobalNetworkPolicy', 'NetworkPolicy'],
    source: 'https://docs.tigera.io/calico/latest/reference/resources/',
  },
  {
    group: 'eventing.knative.dev',
    kinds: ['Broker', 'EventType', 'Trigger'],
    source: 'https://knative.dev/docs/eventing/reference/eventing-api/',
  },
  {
    group: 'external-secrets.io',
    kinds: [
      'ClusterExternalSecret',
      'ClusterPushSecret',
      'ClusterSecretStore',
      'ExternalSecret',
      'PushSecret',
      'SecretStore',
    ],
    source: 'https://external-secrets.io/latest/api/spec/',
  },
  {
    group: 'externaldns.k8s.io',
    kinds: ['DNSEndpoint'],
    source: 'https://kubernetes-sigs.github.io/external-dns/latest/docs/sources/crd/',
  },
  {
    group: 'flagger.app',
    kinds: ['AlertProvider', 'Canary', 'MetricTemplate'],
    source: 'https://docs.flagger.app/usage/how-it-works',
  },
  {
    group: 'gateway.networking.k8s.io',
    kinds: [
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
    source: 'https://gateway-api.sigs.k8s.io/reference/spec/',
  },
  { group: 'helm.toolkit.fluxcd.io', kinds: ['HelmRelease'], source: 'https://fluxcd.io/flux/components/' },
  {
    group: 'image.toolkit.fluxcd.io',
    kinds: ['ImagePolicy', 'ImageRepository', 'ImageUpdateAutomation'],
    source: 'https://fluxcd.io/flux/components/',
  },
  { group: 'karpenter.sh', kinds: ['NodeClaim', 'NodePool'], source: 'https://karpenter.sh/docs/concepts/' },
  {
    group: 'keda.sh',
    kinds: ['ClusterTriggerAuthentication', 'ScaledObject', 'TriggerAuthentication'],
    source: 'https://keda.sh/docs/latest/reference/',
  },
  {
    group: 'kueue.x-k8s.io',
    kinds: [
      'AdmissionCheck',
      'ClusterQueue',
      'Cohort',
      'LocalQueue',
      'ResourceFlavor',
      'Topology',
      'WorkloadPriorityClass',
    ],
    source: 'https://kueue.sigs.k8s.io/docs/reference/kueue.v1beta1/',
  },
  { group: 'kustomize.toolkit.fluxcd.io', kinds: ['Kustomization'], source: 'https://fluxcd.io/flux/components/' },
  {
    group: 'kyverno.io',
    kinds: ['CleanupPolicy', 'ClusterCleanupPolicy', 'ClusterPolicy', 'Policy', 'PolicyException'],
    source: 'https://kyverno.io/docs/',
  },
  {
    group: 'metallb.io',
    kinds: ['BFDProfile', 'BGPAdvertisement', 'BGPPeer', 'Community', 'IPAddressPool', 'L2Advertisement'],
    source: 'https://metallb.io/apis/',
  },
  {
    group: 'monitoring.coreos.com',
    kinds: ['AlertmanagerConfig', 'PodMonitor', 'Probe', 'PrometheusRule', 'ScrapeConfig', 'ServiceMonitor'],
    source: 'https://prometheus-operator.dev/docs/api-reference/api/',
  },
  {
    group: 'networking.istio.io',
    kinds: [
      'DestinationRule',
      'EnvoyFilter',
      'Gateway',
      'ServiceEntry',
      'Sidecar',
      'VirtualService',
      'WorkloadEntry',
      'WorkloadGroup',
    ],
    source: 'https://istio.io/latest/docs/reference/config/',
  },
  {
    group: 'notification.toolkit.fluxcd.io',
    kinds: ['Alert', 'Provider', 'Receiver'],
    source: 'https://fluxcd.io/flux/components/',
  },
  { group: 'openreports.io', kinds: ['ClusterReport', 'Report'], source: 'https://github.com/openreports/reports-api' },
  {
    group: 'operators.coreos.com',
    kinds: ['InstallPlan', 'OperatorCondition', 'OperatorGroup', 'Subscription'],
    source: 'https://olm.operatorframework.io/docs/concepts/crds/',
  },
  {
    group: 'policies.kyverno.io',
    kinds: [
      'DeletingPolicy',
      'GeneratingPolicy',
      'ImageValidatingPolicy',
      'MutatingPolicy',
      'PolicyException',
      'ValidatingPolicy',
    ],
    source: 'https://kyverno.io/docs/policy-types/',
  },
  {
    group: 'policy.linkerd.io',
    kinds: [
      'AuthorizationPolicy',
      'HTTPRoute',
      'MeshTLSAuthentication',
      'NetworkAuthentication',
      'Server',
      'ServerAuthorization',
    ],
    source: 'https://linkerd.io/2/reference/authorization-policy/',
  },
  {
    group: 'projectcalico.org',
    kinds: ['GlobalNetworkPolicy', 'NetworkPolicy'],
    source: 'https://docs.tigera.io/calico/latest/reference/resources/',
  },
  {
    group: 'projectcontour.io',
    kinds: ['HTTPProxy', 'TLSCertificateDelegation'],
    source: 'https://projectcontour.io/docs/main/config/api/',
  },
  {
    group: 'route.openshift.io',
    kinds: ['Route'],
    source: 'https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/network_apis/',
  },
  {
    group: 'secrets-store.csi.x-k8s.io',
    kinds: ['SecretProviderClass', 'SecretProviderClassPodStatus'],
    source: 'https://secrets-store-csi-driver.sigs.k8s.io/concepts',
  },
  {
    group: 'security.istio.io',
    kinds: ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'],
    source: 'https://istio.io/latest/docs/reference/config/',
  },
  {
    group: 'serving.knative.dev',
    kinds: ['DomainMapping', 'Route'],
    source: 'https://knative.dev/docs/serving/reference/serving-api/',
  },
  {
    group: 'snapshot.storage.k8s.io',
    kinds: ['VolumeSnapshot', 'VolumeSnapshotClass', 'VolumeSnapshotContent'],
    source: 'https://kubernetes-csi.github.io/docs/snapshot-restore-feature.html',
  },
  {
    group: 'source.toolkit.fluxcd.io',
    kinds: ['Bucket', 'GitRepository', 'HelmChart', 'HelmRepository', 'OCIRepository'],
    source: 'https://fluxcd.io/flux/components/',
  },
  { group: 'telemetry.istio.io', kinds: ['Telemetry'], source: 'https://istio.io/latest/docs/reference/config/' },
  {
    group: 'traefik.io',
    kinds: [
      'IngressRoute',
      'IngressRouteTCP',
      'IngressRouteUDP',
      'Middleware',
      'MiddlewareTCP',
      'ServersTransport',
      'TLSOption',
      'TLSStore',
      'TraefikService',
    ],
    source: 'https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/crd/',
  },
  {
    group: 'triggers.tekton.dev',
    kinds: ['ClusterTriggerBinding', 'Trigger', 'TriggerBinding', 'TriggerTemplate'],
    source: 'https://tekton.dev/docs/triggers/',
  },
  {
    group: 'trust.cert-manager.io',
    kinds: ['Bundle'],
    source: 'https://cert-manager.io/docs/trust/trust-manager/api-reference/',
  },
  {
    group: 'velero.io',
    kinds: ['Backup', 'BackupStorageLocation', 'Restore', 'Schedule', 'VolumeSnapshotLocation'],
    source: 'https://velero.io/docs/main/api-types/',
  },
  {
    group: 'wgpolicyk8s.io',
    kinds: ['ClusterPolicyReport', 'PolicyReport'],
    source: 'https://github.com/kubernetes-sigs/wg-policy-prototypes',
  },
]

/** Returns whether objects of a kind never run an image. */
export function runsNothing({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  const own = Object.hasOwn(IDLE_KINDS, group) ? IDLE_KINDS[group] : undefined
  return (
    own?.includes(kind) === true || IDLE_EXTENSIONS.some((known) => known.group === group && known.kinds.includes(kind))
  )
}
