/** The metrics that lines are judged by: those of `paligemma metrics` that compare an answer with an expected one. */
export const evaluationMetrics = [
  'exact',
  'vqa_generic',
  'vqav2',
  'chartqa_relaxed',
  'tallyqa',
  'scienceqa_letter',
  'captions',
  'coco_map',
  'refcoco',
  'text_spotting',
  'teds',
  'molecules',
  'music_cer_ser_ler',
  'edit_distance',
] as const;
export type MetricName = (typeof evaluationMetrics)[number];

export function isMetricName(name: string): name is MetricName {
  return evaluationMetrics.some(metric => metric === name);
}
