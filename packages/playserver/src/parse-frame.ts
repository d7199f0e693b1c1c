import { fieldFaults } from "@muster/core";
import type { Static, TLiteral, TObject, TUnion } from "typebox";
import { Compile } from "typebox/compile";
import { invalidFrame, parseObject } from "./frame-text.ts";

type Frame = TObject<{ op: TLiteral<string> }>;

/**
 * Makes a reader of frames that are told apart by their `op`. It throws MusterError INVALID, which names the field and
 * says what it must be.
 *
 * @param example a frame, to show what one looks like
 */
export const createFrameParser = <Frames extends Frame[]>(frames: TUnion<Frames>, example: string) => {
  // A check of its own for each op, so that a fault can be told in terms of the frame that was meant.
  const checks = new Map<unknown, ReturnType<typeof Compile<Frame>>>(
    frames.anyOf.map((schema) => [schema.properties.op.const, Compile<Frame>(schema)]),
  );
  const ops = [...checks.keys()].map((op) => `"${op}"`);
  const known = `${ops.slice(0, -1).join(", ")} or ${ops.at(-1)}`;

  return (text: string): Static<TUnion<Frames>> => {
    const frame = parseObject(text, example);
    const op = "op" in frame ? frame.op : undefined;
    const check = checks.get(op);
    if (!check) throw invalidFrame("op", op === undefined ? `is missing; it must be ${known}` : `must be ${known}`);
    // One of the union's members accepted it.
    if (check.Check(frame)) return frame as Static<TUnion<Frames>>;
    const [fault] = fieldFaults(check.Errors(frame), "frame");
    throw invalidFrame(fault?.field ?? "frame", fault?.message ?? "is not valid");
  };
};
