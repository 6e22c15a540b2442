/** A view that could not be had: what failed, what to do, and the way to try again. */
import { TriangleAlert } from "lucide-react";

import { text } from "../text";
import { Button } from "./button";
import { StateMessage } from "./state-message";
import { errorWords, WithCode } from "./wire-error";

export function LoadError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { message, hint } = errorWords(error);
  return (
    <StateMessage alert icon={TriangleAlert} title={<WithCode>{message}</WithCode>} hint={<WithCode>{hint ?? ""}</WithCode>}>
      <Button onClick={onRetry}>{text.common.retry}</Button>
    </StateMessage>
  );
}
