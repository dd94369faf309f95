import type { MetricName } from './metricName';

const pooled: ReadonlySet<MetricName> = new Set<MetricName>([
  'exact',
  'vqa_generic',
  'vqav2',
  'chartqa_relaxed',
  'tallyqa',
  'captions',
  'edit_distance',
]);

/** Whether several answers of people to the same question are each right. Of places and notations each line has its own. */
export function isPooled(metric: MetricName): boolean {
  return pooled.has(metric);
}
