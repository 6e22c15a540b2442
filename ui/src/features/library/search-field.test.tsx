import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { SearchField } from "./search-field";

test("a letter typed while the search comes back is not lost", async () => {
  const user = userEvent.setup();
  const onSearch = vi.fn();
  const field = (value: string) => <SearchField value={value} label="Search" placeholder="Search" clear="Clear" onSearch={onSearch} onLeave={() => undefined} />;
  const { rerender } = render(field(""));
  const input = screen.getByRole("searchbox");
  await user.type(input, "po");
  await waitFor(() => expect(onSearch).toHaveBeenLastCalledWith("po"));
  await user.type(input, "r");
  rerender(field("po"));
  expect(input).toHaveProperty("value", "por");
  // A search that was changed from outside is shown.
  rerender(field(""));
  expect(input).toHaveProperty("value", "");
  // Also one that was typed here before.
  rerender(field("po"));
  expect(input).toHaveProperty("value", "po");
});
