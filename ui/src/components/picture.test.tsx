import { fireEvent, render } from "@testing-library/react";
import { expect, test } from "vitest";

import { Picture } from "./picture";

const picture = (src: string | null) => <Picture src={src} video={false} blurred={false} cover={<i>cover</i>} fallback={<i>broken</i>} />;

test("the cover is there without a picture and until it has come; what is broken has its own", () => {
  const { container, rerender } = render(picture(null));
  expect(container.textContent).toBe("cover");
  rerender(picture("a.png"));
  expect(container.textContent).toBe("cover");
  const image = () => container.querySelector("img") as Element;
  fireEvent.load(image());
  expect(container.textContent).toBe("");
  rerender(picture("b.png"));
  expect(container.textContent).toBe("cover");
  fireEvent.error(image());
  expect(container.textContent).toBe("broken");
});
