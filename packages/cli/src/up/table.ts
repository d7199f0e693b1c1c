import Table from "cli-table3";

/** One line of the table: something that runs, and where. */
export interface Row {
  role: string;
  name: string;
  /** Undefined for what runs elsewhere. */
  pid: number | undefined;
  address: string;
  note: string;
}

export const systemTable = (rows: readonly Row[]): string => {
  const table = new Table({
    head: ["role", "name", "pid", "address", "note"],
    colAligns: ["left", "left", "right", "left", "left"],
    // No colour codes: they would only be in the way where the output is kept or searched.
    style: { head: [], border: [], compact: true },
  });
  for (const { role, name, pid, address, note } of rows) table.push([role, name, pid ?? "-", address, note]);
  return table.toString();
};
