import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { openApp } from "../../test/render";
import { loraTag, rememberWeight } from "./lora";

test("a LoRA is called by its file's name and a weight as it is written by hand", () => {
  expect(loraTag("ink.v2.safetensors", 1)).toBe("<lora:ink.v2:1>");
  expect(loraTag("ink.safetensors", 0.7000001)).toBe("<lora:ink:0.7>");
  expect(loraTag("ink.safetensors", -0.5)).toBe("<lora:ink:-0.5>");
});

test("a LoRA copies as it stands in a prompt; the weight noted beside it comes first, and one's own is remembered", async () => {
  const { user, platform } = openApp();
  const open = async () => {
    await user.click(await screen.findByRole("option", { name: /^Ink and Wash Landscapes ?,/ }));
    return within(await screen.findByRole("complementary", { name: "Details" }));
  };
  let details = await open();
  const field = () => details.getByRole("spinbutton", { name: "Weight in the prompt" });
  await waitFor(() => expect(field()).toHaveProperty("value", "0.7"));
  await user.clear(field());
  expect(details.getByRole("button", { name: /^Copy <lora:/ })).toHaveProperty("disabled", true);
  await user.type(field(), "0.85");
  await user.click(details.getByRole("button", { name: "Copy <lora:ink_and_wash_landscapes_v1:0.85>" }));
  expect(platform.copied).toEqual(["<lora:ink_and_wash_landscapes_v1:0.85>"]);
  await user.click(details.getByRole("button", { name: "Close details" }));
  details = await open();
  expect(field()).toHaveProperty("value", "0.85");
});

test("what was kept by something else does no harm", () => {
  localStorage.setItem("modeldock.weights", '["not", {"what": "is"}]');
  rememberWeight("a.safetensors", 0.5);
  expect(localStorage.getItem("modeldock.weights")).toBe('{"a.safetensors":0.5}');
});
