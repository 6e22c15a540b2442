/** Light or dark on `<html data-theme>`. The last choice is kept beside the page, so that a start never flashes. */
import { useEffect } from "react";

import { useSettings } from "./api/settings";
import type { Theme } from "./bindings/Theme";

const store = "modeldock.theme";
const light = "(prefers-color-scheme: light)";

function isTheme(value: unknown): value is Theme {
  return value === "system" || value === "light" || value === "dark";
}

export function applyTheme(theme: Theme): void {
  const resolved = theme === "system" ? (window.matchMedia(light).matches ? "light" : "dark") : theme;
  document.documentElement.dataset["theme"] = resolved;
}

export function applyLastTheme(): void {
  const last = localStorage.getItem(store);
  applyTheme(isTheme(last) ? last : "system");
}

export function useTheme(): void {
  const settings = useSettings();
  const theme = settings.data?.theme;
  useEffect(() => {
    if (theme === undefined) return;
    localStorage.setItem(store, theme);
    applyTheme(theme);
    if (theme !== "system") return;
    const media = window.matchMedia(light);
    const follow = () => applyTheme("system");
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, [theme]);
}
