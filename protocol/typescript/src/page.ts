/** The life of the page around the client. */
import type { Environment } from "./environment.js";

/** What the page lets the client know. */
export interface PageOwner {
  /** The page is left: say goodbye, so that locks are free at once. */
  left(): void;
  /** The page is back from the back-forward cache. */
  returned(): void;
  /** A moment at which a new attempt may well succeed: the network is back, or somebody looks at the page. */
  promising(): void;
}

/** Listens to the page; answers what ends that. */
export function watchPage({ page, document }: Environment, owner: PageOwner): () => void {
  const left = (): void => owner.left();
  const shown = (event: Event): void => {
    if ((event as PageTransitionEvent).persisted) owner.returned();
  };
  const online = (): void => owner.promising();
  const visible = (): void => {
    if (document?.visibilityState === "visible") owner.promising();
  };
  page?.addEventListener("pagehide", left);
  page?.addEventListener("pageshow", shown);
  page?.addEventListener("online", online);
  document?.addEventListener("visibilitychange", visible);
  return () => {
    page?.removeEventListener("pagehide", left);
    page?.removeEventListener("pageshow", shown);
    page?.removeEventListener("online", online);
    document?.removeEventListener("visibilitychange", visible);
  };
}
