import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";

import { useRootChoice } from "../../api/roots";
import type { RootInfo } from "../../bindings/RootInfo";
import { announce } from "../../components/announce";
import { Button } from "../../components/button";
import { Notice } from "../../components/state-message";
import { ErrorWords } from "../../components/wire-error";
import { text } from "../../text";

const words = text.settings.places;

const sample: Record<string, string> = {
  base_model: "SDXL 1.0",
  creator: "ada_paints",
  model: "Ink and Wash",
  version: "v2.1",
  kind: "LoRA",
  tag: "style",
};

/** The subfolders and name of an example. The engine alone decides where a file really goes. */
export function examplePath(template: string): string {
  const folders = template.replaceAll(/\{(\w+)\}/g, (whole, field: string) => sample[field] ?? whole);
  return [text.kind("LORA"), ...folders.split("/").filter(Boolean), "ink_and_wash_v2.safetensors"].join(" / ");
}

/** Which subfolders downloads go to in a folder. Folded, like what is written beside models. */
export function Places({ root }: { root: RootInfo }) {
  const { choose, error, isPending, reset } = useRootChoice();
  const id = useId();
  const [template, setTemplate] = useState(root.places.template);
  const changed = template.trim() !== root.places.template;
  return (
    <details className="group w-full">
      <summary className="flex min-h-6 w-fit list-none items-center gap-1 rounded text-sm text-dim hover:text-text [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden size={13} className="-ml-0.5 transition-transform group-open:rotate-90" />
        {words.title}: {root.places.template === "" ? words.none : root.places.template}
      </summary>
      <form
        className="mt-1.5 flex flex-col gap-2 pl-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          choose({ id: root.id, places: { ...root.places, template: template.trim() } }, (answer) => {
            announce(words.saved);
            setTemplate(answer.places.template);
          });
        }}
      >
        <div className="flex gap-2">
          <input
            type="text"
            aria-label={words.field(root.name)}
            aria-describedby={`${id}-hint ${id}-example`}
            aria-invalid={error !== null}
            placeholder="{base_model}/{creator}"
            value={template}
            maxLength={400}
            onChange={(event) => {
              setTemplate(event.target.value);
              if (error !== null) reset();
            }}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            className="h-8 min-w-0 flex-1 rounded-lg border border-line2 bg-raised px-3 font-mono text-sm aria-invalid:border-bad"
          />
          <Button type="submit" disabled={!changed || isPending}>
            {words.save}
          </Button>
        </div>
        <p id={`${id}-hint`} className="text-sm text-dim">
          {words.hint}
        </p>
        <p id={`${id}-example`} className="text-sm text-dim wrap-anywhere">
          {words.example} <span className="font-mono">{examplePath(template.trim())}</span>
        </p>
        {error !== null && (
          <Notice tone="bad">
            <ErrorWords error={error} />
          </Notice>
        )}
      </form>
    </details>
  );
}
