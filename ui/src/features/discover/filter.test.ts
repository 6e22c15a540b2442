import { expect, test } from "vitest";

import { addressIn, addressOf, cleared, filtersOn, noFilter, numberIn, openedAt, searchFor, toggled } from "./filter";

test("an address or an AIR means one model, words and numbers are words", () => {
  for (const address of [
    "https://civitai.com/models/12?modelVersionId=34",
    " civitai.com/models/12 ",
    "http://127.0.0.1:4000/models/12",
    "urn:air:sdxl:lora:civitai:12@34",
  ]) {
    expect(addressIn(address), address).toBe(address.trim());
  }
  for (const words of ["", "ink wash", "34", "sd 1.5", "https: what", "example.com/models/12", "models/12"]) expect(addressIn(words), words).toBeNull();
  expect([numberIn("2600005"), numberIn(" 2600005 "), numberIn("34"), numberIn("0123456"), numberIn("v2600005")]).toEqual(["2600005", "2600005", null, null, null]);
});

test("a model and one of its versions have an address", () => {
  expect(openedAt("12")).toEqual({ model: 12, version: null });
  expect(openedAt("12/34")).toEqual({ model: 12, version: 34 });
  for (const rest of ["", "0", "12/", "12/0", "12/34/5", "-1", "a"]) expect(openedAt(rest), rest).toBeNull();
  expect(openedAt(addressOf(12, 34).slice("discover/".length))).toEqual({ model: 12, version: 34 });
});

test("only what is asked for is in the request", () => {
  expect(searchFor(noFilter)).toEqual({ text: "", kinds: [], base_models: [], sort: "most_downloaded", period: "all_time", content: "within", limit: 0 });
  const filter = { ...noFilter, text: "ink", kinds: ["LORA"], tag: "style", creator: "a", all: true };
  expect(searchFor(filter)).toMatchObject({ text: "ink", kinds: ["LORA"], tag: "style", creator: "a", content: "all" });
  expect([filtersOn(filter), filtersOn(cleared(filter)), cleared(filter).text]).toEqual([4, 0, "ink"]);
  expect([toggled(["a"], "b"), toggled(["a", "b"], "a")]).toEqual([["a", "b"], ["b"]]);
});
