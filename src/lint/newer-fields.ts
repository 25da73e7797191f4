/**
 * Fields that Kubernetes has got since the models of @kubernetes/client-node were made (1.34): 1.35 and 1.36, by model.
 * test/cluster/lint.test.ts compares both with what an API server says of itself.
 */
export const newerFields: Readonly<Record<string, readonly string[]>> = {
  V1CSIDriverSpec: ['preventPodSchedulingIfMissing', 'serviceAccountTokenInSecrets'],
  V1CustomResourceDefinitionCondition: ['observedGeneration'],
  V1CustomResourceDefinitionStatus: ['observedGeneration'],
  V1NodeStatus: ['declaredFeatures'],
  V1PodCertificateProjection: ['userAnnotations'],
  V1PodSpec: ['schedulingGroup'],
  V1PodStatus: ['allocatedResources', 'nodeAllocatableResourceClaimStatuses', 'resources'],
  V1ResourceHealth: ['message'],
  V1VolumeMountStatus: ['volumeStatus'],
};
