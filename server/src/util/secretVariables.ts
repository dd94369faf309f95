/** Variables of the environment that hold a person's secrets. Whoever needs one reads it; no child process gets it. */

/** The key for inference servers. */
export const API_KEY_VARIABLE = 'PALIGEMMA_API_KEY';
/** The access token for Hugging Face, the first one that is set. Source: huggingface_hub, "Environment variables". */
export const hubTokenVariables = ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN'] as const;

const secrets = new Set<string>([API_KEY_VARIABLE, ...hubTokenVariables]);

/** @param name In whatever letters Windows has it. */
export function isSecretVariable(name: string): boolean {
  return secrets.has(name.toUpperCase());
}

/** The environment without them. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSecretVariable(name)));
}
