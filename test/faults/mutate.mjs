// Loaded into each service before it starts: takes out of the source what MUSTER_TEST_MUTANT names, to show that the
// checker would notice. A text that isn't there is an error, so that a mutant can't quietly become none.
import { registerHooks } from "node:module";

const MUTANTS = {
  "no-watch": {
    file: "/commit-matches.ts",
    from: ".watch(...stateKeys, ...joins.map(({ id }) => keys.match(id)))",
    to: ".exists(keys.moverFence)",
  },
  "no-fence": {
    file: "/commit-matches.ts",
    from: "const stateKeys = [keys.moverFence, ",
    to: "const fence = null; const stateKeys = [keys.moverLease.concat(':none'), ",
    and: ["const { connection, keys, fence } = context;", "const { connection, keys } = context;"],
  },
};

const { file, from, to, and } = MUTANTS[process.env.MUSTER_TEST_MUTANT] ?? {};
if (file) {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(file)) return loaded;
      let source = String(loaded.source);
      for (const [old, fresh] of [[from, to], ...(and ? [and] : [])]) {
        if (!source.includes(old)) throw new Error(`the mutant finds no ${JSON.stringify(old)} in ${url}`);
        source = source.replace(old, () => fresh);
      }
      return { ...loaded, source };
    },
  });
}
