/**
 * Whether a text looks like a model of Civitai: a page's address, an AIR, or a version's number. Only for offering the
 * right thing; what it means is for the engine to say, which knows the look-up server as well.
 */

const hosts = /^(www\.)?civitai\.(com|red|green)$/;
const pages = [/^\/models\/\d+/, /^\/model-versions\/\d+/, /^\/api\/download\/models\/\d+/, /^\/api\/v1\/(models|model-versions)\/\d+/];

/** The reference in a text, without what is around it; `null` where there is none. */
export function referenceIn(text: string): string | null {
  const said = text.trim();
  if (said === "" || said.length > 2000 || /\s/.test(said)) return null;
  if (/^[1-9]\d{0,14}$/.test(said)) return said;
  if (/^urn:air:[^:]+:[^:]+:civitai:\d+(@\d+)?([:.?].*)?$/i.test(said)) return said;
  const url = addressOf(/^https?:\/\//i.test(said) ? said : `https://${said}`);
  if (url === null || !hosts.test(url.hostname)) return null;
  return pages.some((page) => page.test(url.pathname)) ? said : null;
}

function addressOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Of several lines, as a browser drops them, the first that is one. Comments begin with `#`. */
export function referenceAmong(list: string): string | null {
  for (const line of list.slice(0, 20_000).split(/\r?\n/)) {
    const found = line.startsWith("#") ? null : referenceIn(line);
    if (found !== null) return found;
  }
  return null;
}

/** Where the plan of this download is shown. */
export function planPlace(reference: string): string {
  return `downloads/plan/${encodeURIComponent(reference)}`;
}

/** The reference such an address names. */
export function plannedAt(rest: string): string | null {
  const [first, coded] = rest.split("/");
  if (first !== "plan" || coded === undefined || coded === "") return null;
  try {
    return decodeURIComponent(coded);
  } catch {
    return null;
  }
}
