import type { Frame } from "@muster/monitor/frames";
import { useEffect, useReducer } from "preact/hooks";
import { followStream } from "./reopening-source.ts";
import { EMPTY, reduce, type State } from "./state.ts";

/** Follows the server. */
export const useStream = (): State => {
  const [state, dispatch] = useReducer(reduce, EMPTY);
  useEffect(
    () =>
      followStream(() => new EventSource("/monitor/stream"), {
        opened: () => dispatch({ type: "opened" }),
        lost: () => dispatch({ type: "lost" }),
        message: (data) => dispatch({ type: "frame", frame: JSON.parse(data) as Frame }),
      }),
    [],
  );
  return state;
};
