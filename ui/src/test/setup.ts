import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

// Waiting ends when what is waited for is there; how long that may take on a busy machine is no part of a test.
configure({ asyncUtilTimeout: 20_000 });

// The test document has no layout: give every element a size, so that a virtual list has something to fill.
const box = { width: 900, height: 700 };

beforeEach(() => {
  localStorage.clear();
  location.hash = "";
  // Scrolling is heard of through the event alone.
  vi.spyOn(HTMLElement.prototype, "scrollTo").mockImplementation(function (this: HTMLElement, to?: ScrollToOptions | number) {
    this.scrollTop = typeof to === "object" ? (to.top ?? 0) : 0;
    this.dispatchEvent(new Event("scroll"));
  });
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(box.width);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(box.height);
  vi.spyOn(HTMLElement.prototype, "scrollHeight", "get").mockReturnValue(10_000_000);
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(box.width);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(box.height);
});

afterEach(cleanup);
