// Every place, both themes, from the sample library, into docs/images.
import { mkdir } from "node:fs/promises";

import { picture, Served, until } from "../tests/e2e/support/served.mjs";

const folder = new URL("../docs/images/", import.meta.url).pathname;
await mkdir(folder, { recursive: true });
const served = await Served.start();
try {
  const details = (page) => page.getByRole("complementary", { name: "Details" });
  const first = await served.open();
  await first.getByRole("checkbox", { name: /ComfyUI/ }).waitFor();
  await picture(first, "first-run-dark", folder);
  await first.getByRole("button", { name: "Start", exact: true }).click();
  await until("every model is identified", async () => {
    const facets = await served.rpc("library_facets");
    return facets.states.find((state) => state.value === "matched")?.count >= 40;
  });
  await first.context().close();

  for (const theme of ["dark", "light"]) {
    for (const [name, size] of [["library", { width: 1280, height: 800 }], ["library-small", { width: 900, height: 600 }]]) {
      const page = await served.open({ ...size, theme });
      await page.locator("#item-0").waitFor();
      if (name === "library") {
        await page.getByText("Ink and Wash Landscapes").first().click();
        await details(page).getByText(/Verified, read in full/).waitFor();
        // The author's name and tags come with the model's page, which is asked for when one looks.
        await page.waitForTimeout(800);
      }
      await picture(page, `${name}-${theme}`, folder);
      await page.context().close();
    }
    const settings = await served.open({ theme, path: "/#/settings" });
    await settings.getByText("stable-diffusion-webui").first().waitFor();
    await picture(settings, `settings-${theme}`, folder);
    await settings.context().close();
  }
} finally {
  await served.stop();
}
console.log(`pictures in ${folder}`);
