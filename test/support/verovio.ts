import { scriptModule } from './scriptModule';

/** The engraver that no part of the project brings: fetched once. `reason`: why this machine cannot have it. */
export async function installedVerovio(): Promise<{ readonly folder?: string; readonly reason?: string }> {
  const { installOnce } = await scriptModule<{
    readonly installOnce: (
      name: string,
      version: string,
    ) => Promise<{ readonly folder?: string; readonly reason?: string }>;
  }>('testing/installOnce.mjs');
  return installOnce('verovio', '6.3.0');
}
