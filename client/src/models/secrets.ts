/**
 * The person's secrets: the access token for Hugging Face, and the keys of inference servers. Only the editor's
 * SecretStorage holds them.
 */
import type { Memento, SecretStorage } from 'vscode';
import { originOf } from './serverTexts';

const HUB_TOKEN = 'huggingFace.token';
const ORIGINS = 'servers.origins';

export class Secrets {
  /** @param memory Of the person: the addresses for which a key is kept, since the storage lists nothing. */
  constructor(private readonly storage: SecretStorage, private readonly memory: Memento) {}

  async hubToken(): Promise<string | undefined> {
    return this.storage.get(HUB_TOKEN);
  }

  /** White space around it is not part of it. */
  async keepHubToken(token: string): Promise<void> {
    await this.storage.store(HUB_TOKEN, token.trim());
  }

  /** @returns whether there was one. */
  async forgetHubToken(): Promise<boolean> {
    const wasThere = await this.hubToken() !== undefined;
    await this.storage.delete(HUB_TOKEN);
    return wasThere;
  }

  /** Origins with a key, in the order in which they were given. */
  get keyOrigins(): readonly string[] {
    const value = this.memory.get<unknown>(ORIGINS);
    return Array.isArray(value) ? value.filter(origin => typeof origin === 'string') : [];
  }

  /** The key for the server of an address; one key serves all of an origin. */
  async serverKey(url: string): Promise<string | undefined> {
    return URL.canParse(url) ? this.storage.get(keyName(originOf(url))) : undefined;
  }

  async keepServerKey(url: string, key: string): Promise<void> {
    const origin = originOf(url);
    await this.storage.store(keyName(origin), key.trim());
    await this.memory.update(ORIGINS, [...this.keyOrigins.filter(known => known !== origin), origin]);
  }

  async forgetServerKey(origin: string): Promise<void> {
    await this.storage.delete(keyName(origin));
    await this.memory.update(ORIGINS, this.keyOrigins.filter(known => known !== origin));
  }
}

function keyName(origin: string): string {
  return `server.key ${origin}`;
}
