/**
 * Notes that were typed and are not known to be saved. They outlive the field: another model may be looked at meanwhile,
 * and what the engine refused is still there when one comes back.
 */
import { useQueryClient } from "@tanstack/react-query";
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { CommandError } from "../platform";
import type { Platform } from "../platform";
import { text } from "../text";
import { usePlatform } from "./client";
import { markStale } from "./live";
import { marksChange, showMarks } from "./marks";

export interface Draft {
  words: string;
  saving: boolean;
  error: unknown;
}

export class NoteDrafts {
  readonly #platform: Platform;
  readonly #client: QueryClient;
  readonly #drafts = new Map<number, Draft>();
  readonly #listeners = new Set<() => void>();

  constructor(platform: Platform, client: QueryClient) {
    this.#platform = platform;
    this.#client = client;
    window.addEventListener("pagehide", () => {
      for (const id of this.#drafts.keys()) void this.save(id);
    });
  }

  of = (id: number): Draft | null => this.#drafts.get(id) ?? null;

  listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  write(id: number, words: string): void {
    this.#put(id, { words, saving: this.#drafts.get(id)?.saving ?? false, error: null });
  }

  /** Whether it is saved now; nothing happens where nothing was typed. */
  async save(id: number): Promise<boolean> {
    const draft = this.#drafts.get(id);
    if (!draft || draft.saving) return false;
    const { words } = draft;
    this.#put(id, { words, saving: true, error: null });
    try {
      const change = marksChange({ note: words });
      const report = await this.#platform.call("library_mark", { ids: [id], change });
      if (report.unread.length > 0) {
        throw new CommandError({ code: "invalid_request", message: text.marks.notSaved, hint: text.marks.unread, retryable: true });
      }
      showMarks(this.#client, [id], change);
      markStale(this.#client, ["library"]);
    } catch (error) {
      this.#put(id, { words: this.#drafts.get(id)?.words ?? words, saving: false, error });
      return false;
    }
    const now = this.#drafts.get(id)?.words ?? words;
    if (now !== words) {
      this.#put(id, { words: now, saving: false, error: null });
      return this.save(id);
    }
    this.#drafts.delete(id);
    this.#tell();
    return true;
  }

  #put(id: number, draft: Draft): void {
    this.#drafts.set(id, draft);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const stores = new WeakMap<Platform, NoteDrafts>();

export function useNoteDraft(id: number): { drafts: NoteDrafts; draft: Draft | null } {
  const platform = usePlatform();
  const client = useQueryClient();
  const drafts = stores.get(platform) ?? new NoteDrafts(platform, client);
  stores.set(platform, drafts);
  return { drafts, draft: useSyncExternalStore(drafts.listen, () => drafts.of(id)) };
}
