import { render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";

import { lazily } from "./lazily";

const Waiting = ({ name }: { name: string }) => <p>{`waiting for ${name}`}</p>;

function Part({ name }: { name: string }) {
  const [first] = useState(name);
  return <p>{`${name}, first ${first}`}</p>;
}

test("outlines are shown until a part is there", async () => {
  let arrive: (part: typeof Part) => void = () => undefined;
  const Later = lazily(() => new Promise<typeof Part>((resolve) => (arrive = resolve)), Waiting);
  render(<Later name="vault" />);
  expect(screen.getByText("waiting for vault")).toBeTruthy();
  arrive(Part);
  expect(await screen.findByText("vault, first vault")).toBeTruthy();
  expect(screen.queryByText(/waiting/)).toBeNull();
});

test("what was fetched before is drawn at once, and what it holds stays when its props change", async () => {
  const Later = lazily(() => Promise.resolve(Part), Waiting);
  await Later.preload();
  const { rerender } = render(<Later name="a" />);
  expect(screen.getByText("a, first a")).toBeTruthy();
  rerender(<Later name="b" />);
  expect(screen.getByText("b, first a")).toBeTruthy();
});

test("a part that arrives while it is shown does not begin anew", async () => {
  const Later = lazily(() => Promise.resolve(Part), Waiting);
  const { rerender } = render(<Later name="a" />);
  await screen.findByText("a, first a");
  rerender(<Later name="b" />);
  await waitFor(() => expect(screen.getByText("b, first a")).toBeTruthy());
});

test("a part that could not be fetched before is asked for again when it is shown", async () => {
  let asked = 0;
  const Later = lazily(() => ((asked += 1) === 1 ? Promise.reject(new Error("away")) : Promise.resolve(Part)), Waiting);
  await Later.preload();
  render(<Later name="a" />);
  expect(await screen.findByText("a, first a")).toBeTruthy();
});
