import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ApiProvider } from "./api/client";
import { App } from "./app";
import { CrashGuard } from "./crash";
import { preloadPlaces } from "./places";
import { choosePlatform } from "./platform";
import "./styles/main.css";
import { applyLastTheme } from "./theme";

applyLastTheme();

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no #root");

const platform = await choosePlatform();
createRoot(place).render(
  <StrictMode>
    <CrashGuard>
      <ApiProvider platform={platform}>
        <App />
      </ApiProvider>
    </CrashGuard>
  </StrictMode>,
);

// When the first picture is done. Where the browser cannot say when that is, a moment is long enough.
const fetchTheRest = () => void preloadPlaces();
if ("requestIdleCallback" in window) requestIdleCallback(fetchTheRest, { timeout: 5_000 });
else setTimeout(fetchTheRest, 1_500);
