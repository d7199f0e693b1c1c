import { RealmRequest } from "@muster/core";
import { createFrameParser } from "./parse-frame.ts";

/** Reads a frame that a realm sent. */
export const parseRealmRequest = createFrameParser(RealmRequest, '{"op":"watch","players":["anna"]}');
