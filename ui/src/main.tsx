import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { ApiProvider } from "./api/client";
import { App } from "./app";
import { CrashGuard } from "./crash";
import { choosePlatform } from "./platform";
import { Preload } from "./preload";
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
        <Preload />
      </ApiProvider>
    </CrashGuard>
  </StrictMode>,
);
