import { DEFAULT_PARTITION } from "@muster/core";
import { Option } from "commander";

/** `--partition main eu`: one or more, else MUSTER_PARTITION. */
export const partitionsOption = (about: string): Option =>
  new Option("--partition <names...>", about).env("MUSTER_PARTITION").default([DEFAULT_PARTITION], DEFAULT_PARTITION);
