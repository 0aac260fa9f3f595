/** @file A study as a Kubernetes Job: each index is a worker that does its share of the runs. */

export interface KubernetesJob {
  readonly name: string;
  /** An image with `limbeck` on its path. */
  readonly image: string;
  /** Where the volume is mounted, and the working folder: the plan has absolute paths. */
  readonly mount: string;
  /** The study's folder, relative to that. */
  readonly folder: string;
  /** The PersistentVolumeClaim that holds the study and its data. */
  readonly claim: string;
  readonly workers: number;
  /** How many of them run at the same time; by default all. */
  readonly atOnce?: number | undefined;
  readonly cpus: number;
  /** `4G` */
  readonly memory?: string | undefined;
  /** A LocalQueue of Kueue's. */
  readonly queue?: string | undefined;
}

/**
 * The Job's manifest: an Indexed Job of the API batch/v1, from Kubernetes 1.29 on. A worker that loses its node is started again; wrong usage, exit code 2,
 * fails its index at once; any other failure is tried three times more.
 */
export function kubernetesJob({
  name,
  image,
  mount,
  folder,
  claim,
  workers,
  atOnce,
  cpus,
  memory,
  queue,
}: KubernetesJob) {
  const resources = { cpu: String(cpus), ...(memory !== undefined && { memory: `${memory}i` }) };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, ...(queue !== undefined && { labels: { "kueue.x-k8s.io/queue-name": queue } }) },
    spec: {
      completions: workers,
      parallelism: atOnce ?? workers,
      completionMode: "Indexed",
      backoffLimitPerIndex: 3,
      podFailurePolicy: {
        rules: [
          { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
          { action: "FailIndex", onExitCodes: { containerName: "worker", operator: "In", values: [2] } },
        ],
      },
      template: {
        spec: {
          restartPolicy: "Never",
          // To save in, after SIGTERM.
          terminationGracePeriodSeconds: 120,
          containers: [
            {
              name: "worker",
              image,
              command: ["limbeck", "study", "work", folder, "--shard", "auto", "--threads", String(cpus)],
              workingDir: mount,
              // JOB_COMPLETION_INDEX comes from Kubernetes.
              env: [{ name: "JOB_COMPLETIONS", value: String(workers) }],
              resources: { requests: resources, ...(memory !== undefined && { limits: { memory: resources.memory } }) },
              volumeMounts: [{ name: "study", mountPath: mount }],
            },
          ],
          volumes: [{ name: "study", persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
}
