import { expect, test } from "vitest";

import { plannedAt, planPlace, referenceAmong, referenceIn } from "./reference";

test("pages, AIRs and numbers of versions are recognised", () => {
  for (const text of [
    "https://civitai.com/models/12?modelVersionId=34",
    "civitai.com/models/12/some-name",
    " https://www.civitai.red/models/12 ",
    "https://civitai.com/api/download/models/34?type=Model",
    "urn:air:sdxl:lora:civitai:12@34",
    "34",
  ]) {
    expect(referenceIn(text), text).toBe(text.trim());
  }
});

test("everything else is left alone", () => {
  for (const text of [
    "", "0", "-3", "porcelain", "12 34", "https://example.com/models/12", "https://civitai.com.example.com/models/12",
    "javascript:alert(1)", "file:///models/12", "https://civitai.com/images/12", "https://civitai.com/models/abc",
    "urn:air:sdxl:lora:huggingface:a@b", `https://civitai.com/models/12?${"x".repeat(3000)}`,
  ]) {
    expect(referenceIn(text), text).toBeNull();
  }
});

test("of several lines the first that is one counts", () => {
  expect(referenceAmong("# from a browser\r\nhttps://example.com\r\nhttps://civitai.com/models/12\r\n")).toBe("https://civitai.com/models/12");
  expect(referenceAmong("nothing\nhere")).toBeNull();
});

test("an address of a plan is read back, and a broken one is none", () => {
  const what = "https://civitai.com/models/12/a%20b?modelVersionId=34";
  expect(plannedAt(planPlace(what).replace("downloads/", ""))).toBe(what);
  expect(plannedAt("plan/%E0%A4%A")).toBeNull();
  expect(plannedAt("plan/")).toBeNull();
  expect(plannedAt("account")).toBeNull();
});
