import type { Frame } from "@muster/monitor/frames";
import { useEffect, useReducer } from "preact/hooks";
import { EMPTY, reduce, type State } from "./state.ts";

/** Follows the server; the browser makes a lost connection anew by itself, and says where it had come to. */
export const useStream = (): State => {
  const [state, dispatch] = useReducer(reduce, EMPTY);
  useEffect(() => {
    const source = new EventSource("/monitor/stream");
    source.onopen = () => dispatch({ type: "opened" });
    source.onerror = () => dispatch({ type: "lost" });
    source.onmessage = ({ data }) => dispatch({ type: "frame", frame: JSON.parse(data) as Frame });
    return () => source.close();
  }, []);
  return state;
};
