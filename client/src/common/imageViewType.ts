/** As the manifest calls the custom editor. */
export const IMAGE_VIEW_TYPE = 'paligemma.imageView';
