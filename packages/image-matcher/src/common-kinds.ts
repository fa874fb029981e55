/** Kinds of one project that run images, and where in an object the images are named. */
export interface CommonKinds {
  /** The API group. */
  readonly group: string
  readonly kinds: readonly string[]
  /** Paths of Pod specs: keys from the root, separated by `/`; `*` is every member. */
  readonly podSpecs?: readonly string[]
  /** Paths of image fields outside of a Pod spec. */
  readonly images?: readonly string[]
  /** Where the project documents the fields. */
  readonly source: string
}

/** Returns the containers of an Argo Workflows template at a path. */
const argoTemplate = (path: string): readonly string[] =>
  ['container', 'script', 'initContainers/*', 'sidecars/*', 'containerSet/containers/*'].map(
    (container) => `${path}/${container}/image`,
  )
const argoWorkflow = (path: string): Pick<CommonKinds, 'podSpecs' | 'images'> => ({
  // A Workflow has volumes as a Pod spec has.
  podSpecs: [path],
  images: ['templateDefaults', 'templates/*', 'templates/*/steps/*/*/inline', 'templates/*/dag/tasks/*/inline'].flatMap(
    (template) => argoTemplate(`${path}/${template}`),
  ),
})
/** Returns the containers of a Tekton TaskSpec at a path; its volumes are those of a Pod spec. */
const tektonTask = (path: string): readonly string[] =>
  ['steps/*/image', 'sidecars/*/image', 'stepTemplate/image', 'volumes/*/image/reference'].map(
    (field) => `${path}/${field}`,
  )
const tektonPipeline = (path: string): readonly string[] =>
  ['tasks', 'finally'].flatMap((tasks) => tektonTask(`${path}/${tasks}/*/taskSpec`))
/** The model servers that an InferenceService can name; each is a container. */
const KSERVE_CONTAINERS = [
  ...['model', 'sklearn', 'xgboost', 'tensorflow', 'pytorch', 'triton', 'onnx', 'huggingface', 'pmml', 'lightgbm'],
  ...['paddle', 'art'],
]
const SPARK_IMAGES = ['image', 'driver/image', 'executor/image'] as const
const SPARK_POD_SPECS = ['driver', 'executor', 'driver/template/spec', 'executor/template/spec'] as const
const TEMPLATE = 'spec/template/spec'

/**
 * Kinds beside those of Kubernetes that run images in many clusters. Kyverno finds their images only with
 * `imageExtractors` in the rule.
 *
 * What a controller adds by itself, such as a sidecar, is an image of the Pod that it creates.
 */
export const COMMON_KINDS: readonly CommonKinds[] = [
  {
    group: 'argoproj.io',
    kinds: ['Rollout'],
    podSpecs: [TEMPLATE],
    source: 'https://argo-rollouts.readthedocs.io/en/stable/features/specification/',
  },
  {
    group: 'argoproj.io',
    kinds: ['Experiment'],
    podSpecs: ['spec/templates/*/template/spec'],
    source: 'https://argo-rollouts.readthedocs.io/en/stable/features/experiment/',
  },
  {
    group: 'argoproj.io',
    kinds: ['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'],
    podSpecs: ['spec/metrics/*/provider/job/spec/template/spec'],
    source: 'https://argo-rollouts.readthedocs.io/en/stable/analysis/job/',
  },
  {
    group: 'argoproj.io',
    kinds: ['Workflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate'],
    ...argoWorkflow('spec'),
    source: 'https://argo-workflows.readthedocs.io/en/stable/fields/',
  },
  {
    group: 'argoproj.io',
    kinds: ['CronWorkflow'],
    ...argoWorkflow('spec/workflowSpec'),
    source: 'https://argo-workflows.readthedocs.io/en/stable/fields/',
  },
  {
    group: 'serving.knative.dev',
    kinds: ['Service', 'Configuration'],
    podSpecs: [TEMPLATE],
    source: 'https://knative.dev/docs/serving/reference/serving-api/',
  },
  {
    group: 'serving.knative.dev',
    kinds: ['Revision'],
    podSpecs: ['spec'],
    source: 'https://knative.dev/docs/serving/reference/serving-api/',
  },
  {
    group: 'apps.openshift.io',
    kinds: ['DeploymentConfig'],
    podSpecs: [TEMPLATE],
    images: ['spec/strategy/customParams/image'],
    source: 'https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/workloads_apis/',
  },
  {
    group: 'serving.kserve.io',
    kinds: ['InferenceService'],
    podSpecs: ['predictor', 'predictor/workerSpec', 'transformer', 'explainer'].map((part) => `spec/${part}`),
    images: ['predictor', 'explainer'].flatMap((part) =>
      KSERVE_CONTAINERS.map((server) => `spec/${part}/${server}/image`),
    ),
    source: 'https://kserve.github.io/website/docs/reference/crd-api',
  },
  {
    group: 'serving.kserve.io',
    kinds: ['ServingRuntime', 'ClusterServingRuntime'],
    podSpecs: ['spec', 'spec/workerSpec'],
    source: 'https://kserve.github.io/website/docs/reference/crd-api',
  },
  {
    group: 'serving.kserve.io',
    kinds: ['ClusterStorageContainer'],
    images: ['spec/container/image'],
    source: 'https://kserve.github.io/website/docs/reference/crd-api',
  },
  {
    group: 'tekton.dev',
    kinds: ['Task', 'ClusterTask'],
    images: tektonTask('spec'),
    source: 'https://tekton.dev/docs/pipelines/tasks/',
  },
  {
    group: 'tekton.dev',
    kinds: ['TaskRun'],
    podSpecs: ['spec/podTemplate'],
    images: tektonTask('spec/taskSpec'),
    source: 'https://tekton.dev/docs/pipelines/taskruns/',
  },
  {
    group: 'tekton.dev',
    kinds: ['Pipeline'],
    images: tektonPipeline('spec'),
    source: 'https://tekton.dev/docs/pipelines/pipelines/',
  },
  {
    group: 'tekton.dev',
    kinds: ['PipelineRun'],
    podSpecs: ['spec/taskRunTemplate/podTemplate', 'spec/taskRunSpecs/*/podTemplate', 'spec/podTemplate'],
    images: tektonPipeline('spec/pipelineSpec'),
    source: 'https://tekton.dev/docs/pipelines/pipelineruns/',
  },
  {
    group: 'tekton.dev',
    kinds: ['StepAction'],
    images: ['spec/image'],
    source: 'https://tekton.dev/docs/pipelines/stepactions/',
  },
  {
    group: 'apps.kruise.io',
    kinds: ['CloneSet', 'StatefulSet', 'DaemonSet', 'BroadcastJob'],
    podSpecs: [TEMPLATE],
    source: 'https://openkruise.io/docs/user-manuals/cloneset',
  },
  {
    group: 'apps.kruise.io',
    kinds: ['SidecarSet'],
    podSpecs: ['spec'],
    source: 'https://openkruise.io/docs/user-manuals/sidecarset',
  },
  {
    group: 'jobset.x-k8s.io',
    kinds: ['JobSet'],
    podSpecs: ['spec/replicatedJobs/*/template/spec/template/spec'],
    source: 'https://jobset.sigs.k8s.io/docs/reference/jobset.v1alpha2/',
  },
  {
    group: 'leaderworkerset.x-k8s.io',
    kinds: ['LeaderWorkerSet'],
    podSpecs: ['leaderTemplate', 'workerTemplate'].map((part) => `spec/leaderWorkerTemplate/${part}/spec`),
    source: 'https://lws.sigs.k8s.io/docs/reference/leaderworkerset.v1/',
  },
  {
    group: 'batch.volcano.sh',
    kinds: ['Job'],
    podSpecs: ['spec/tasks/*/template/spec'],
    source: 'https://volcano.sh/en/docs/vcjob/',
  },
  {
    group: 'ray.io',
    kinds: ['RayCluster'],
    podSpecs: ['headGroupSpec', 'workerGroupSpecs/*'].map((part) => `spec/${part}/template/spec`),
    source: 'https://docs.ray.io/en/latest/cluster/kubernetes/references.html',
  },
  {
    group: 'ray.io',
    kinds: ['RayJob'],
    podSpecs: [
      'spec/submitterPodTemplate/spec',
      ...['headGroupSpec', 'workerGroupSpecs/*'].map((part) => `spec/rayClusterSpec/${part}/template/spec`),
    ],
    source: 'https://docs.ray.io/en/latest/cluster/kubernetes/references.html',
  },
  {
    group: 'ray.io',
    kinds: ['RayService'],
    podSpecs: ['headGroupSpec', 'workerGroupSpecs/*'].map((part) => `spec/rayClusterConfig/${part}/template/spec`),
    source: 'https://docs.ray.io/en/latest/cluster/kubernetes/references.html',
  },
  {
    group: 'kubeflow.org',
    kinds: ['PyTorchJob', 'TFJob', 'MPIJob', 'XGBoostJob', 'PaddleJob', 'JAXJob'],
    podSpecs: ['pytorch', 'tf', 'mpi', 'xgb', 'paddle', 'jax'].map(
      (kind) => `spec/${kind}ReplicaSpecs/*/template/spec`,
    ),
    source: 'https://www.kubeflow.org/docs/components/trainer/legacy-v1/user-guides/',
  },
  {
    group: 'kubeflow.org',
    kinds: ['Notebook'],
    podSpecs: [TEMPLATE],
    source: 'https://www.kubeflow.org/docs/components/notebooks/api-reference/notebook-v1/',
  },
  {
    group: 'keda.sh',
    kinds: ['ScaledJob'],
    podSpecs: ['spec/jobTargetRef/template/spec'],
    source: 'https://keda.sh/docs/latest/reference/scaledjob-spec/',
  },
  {
    group: 'sparkoperator.k8s.io',
    kinds: ['SparkApplication'],
    podSpecs: SPARK_POD_SPECS.map((part) => `spec/${part}`),
    images: [
      ...SPARK_IMAGES.map((field) => `spec/${field}`),
      ...['driver', 'executor'].map((part) => `spec/${part}/sidecars/*/image`),
    ],
    source: 'https://github.com/kubeflow/spark-operator/blob/master/docs/api-docs.md',
  },
  {
    group: 'sparkoperator.k8s.io',
    kinds: ['ScheduledSparkApplication'],
    podSpecs: SPARK_POD_SPECS.map((part) => `spec/template/${part}`),
    images: [
      ...SPARK_IMAGES.map((field) => `spec/template/${field}`),
      ...['driver', 'executor'].map((part) => `spec/template/${part}/sidecars/*/image`),
    ],
    source: 'https://github.com/kubeflow/spark-operator/blob/master/docs/api-docs.md',
  },
  {
    group: 'monitoring.coreos.com',
    kinds: ['Alertmanager', 'Prometheus', 'PrometheusAgent', 'ThanosRuler'],
    podSpecs: ['spec'],
    images: ['spec/image', 'spec/thanos/image'],
    source: 'https://prometheus-operator.dev/docs/api-reference/api/',
  },
  {
    group: 'opentelemetry.io',
    kinds: ['OpenTelemetryCollector'],
    podSpecs: ['spec'],
    images: ['spec/image', 'spec/additionalContainers/*/image', 'spec/targetAllocator/image'],
    source: 'https://github.com/open-telemetry/opentelemetry-operator/blob/main/docs/api/opentelemetrycollectors.md',
  },
  {
    group: 'postgresql.cnpg.io',
    kinds: ['Cluster'],
    images: ['spec/imageName'],
    source: 'https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/',
  },
  {
    group: 'agones.dev',
    kinds: ['GameServer'],
    podSpecs: [TEMPLATE],
    source: 'https://agones.dev/site/docs/reference/gameserver/',
  },
  {
    group: 'agones.dev',
    kinds: ['Fleet', 'GameServerSet'],
    podSpecs: ['spec/template/spec/template/spec'],
    source: 'https://agones.dev/site/docs/reference/fleet/',
  },
  {
    group: 'operators.coreos.com',
    kinds: ['ClusterServiceVersion'],
    podSpecs: ['spec/install/spec/deployments/*/spec/template/spec'],
    source: 'https://olm.operatorframework.io/docs/concepts/crds/clusterserviceversion/',
  },
  {
    group: 'operators.coreos.com',
    kinds: ['CatalogSource'],
    images: ['spec/image'],
    source: 'https://olm.operatorframework.io/docs/concepts/crds/catalogsource/',
  },
]

/** Returns where a kind names images, if it is one of {@link COMMON_KINDS}. */
export function commonKindOf(group: string, kind: string): CommonKinds | undefined {
  return COMMON_KINDS.find((known) => known.group === group && known.kinds.includes(kind))
}
