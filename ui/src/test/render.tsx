/** The whole page on a fake engine. */
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";

import { ApiProvider } from "../api/client";
import { App } from "../app";
import { preloadPlaces } from "../places";
import { FakePlatform } from "../platform/fake";
import type { FakeOptions } from "../platform/fake";

// How a place is fetched is tested where that is; everywhere else it is there.
await preloadPlaces();

export function openApp(options: FakeOptions = {}) {
  const platform = new FakePlatform(options);
  const user = userEvent.setup();
  const page = render(
    <ApiProvider platform={platform}>
      <App />
    </ApiProvider>,
  );
  const called = (name: string) => platform.calls.filter((call) => call.name === name);
  return { platform, user, page, called };
}
