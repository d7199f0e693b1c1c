import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { playerRow, populationCsv } from "./population/csv.ts";
import { distanceKm, nearestFirst } from "./population/geo.ts";
import { deriveLastMiles, withinTick } from "./population/last-mile.ts";
import { believableCities, type CityPing, type MeasuredCity } from "./population/measured-cities.ts";
import { buildPopulation } from "./population/population.ts";
import { mulberry32, sample, weightedChooser } from "./population/random.ts";
import { placeRegions, regionPinger } from "./population/regions.ts";
import { readSources, type Sources } from "./population/sources.ts";
import { mean, quantile, standardDeviation } from "./population/statistics.ts";

const london = { lat: 51.51, lon: -0.13 };
const tokyo = { lat: 35.69, lon: 139.69 };
const wellington = { lat: -41.29, lon: 174.78 };

describe("chance", () => {
  it("repeats the published mulberry32 sequence", () => {
    const random = mulberry32(1);
    expect([random(), random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
  });

  it("chooses in proportion to the weight, and never a weight of 0", () => {
    const choose = weightedChooser(["a", "none", "b"], (name) => ({ a: 1, none: 0, b: 3 })[name] ?? 0);
    expect([0, 0.249, 0.25, 0.999].map((at) => choose?.(() => at))).toEqual(["a", "a", "b", "b"]);
    expect(weightedChooser(["none"], () => 0)).toBeNull();
  });

  it("samples without replacement", () => {
    const items = Array.from({ length: 50 }, (_, at) => at);
    expect(sample(items, 50, mulberry32(7)).sort((a, b) => a - b)).toEqual(items);
    expect(new Set(sample(items, 20, mulberry32(7))).size).toBe(20);
    expect(() => sample(items, 51, mulberry32(7))).toThrow("cannot sample 51 of 50");
  });
});

describe("distance", () => {
  it("is the great circle in km", () => {
    expect(distanceKm(london, tokyo)).toBeCloseTo(9559, -1);
    expect(distanceKm({ lat: 0, lon: 179.5 }, { lat: 0, lon: -179.5 })).toBeCloseTo(111.2, 1);
    expect(distanceKm(london, london)).toBe(0);
  });

  it("orders places nearest first, also across the date line", () => {
    const apia = { lat: -13.83, lon: -171.77 };
    expect(nearestFirst(apia, [london, tokyo, wellington]).map(({ place }) => place)).toEqual([
      wellington,
      tokyo,
      london,
    ]);
  });
});

describe("last mile", () => {
  // Three slices of three devices: a pair's path shows in two of them, a pause of the sandbox in one.
  const slice = (rtts: number[][]) => rtts.map((rttMs, src) => ({ src, rttMs }));
  const quiet = [
    [0, 20, 100],
    [20, 0, 100],
    [100, 100, 0],
  ];
  const paused = [
    [0, 300, 480],
    [30, 0, 100],
    [100, 350, 0],
  ];

  it("is half of the path to the nearest peers, jitter half of the mean excess near the path", () => {
    const lastMiles = deriveLastMiles([quiet, quiet, paused].flatMap(slice));
    // Device 0: five times of 20, 20, 20, 20, 30 to device 1 and five of 100 to device 2 are near their paths.
    expect(lastMiles[0]).toEqual({ lastMileMs: 10, jitterMs: 0.5 });
    expect(lastMiles.map(({ lastMileMs }) => lastMileMs)).toEqual([10, 10, 50]);
  });

  it("drops a device without a peer near it, and takes 0 for no time", () => {
    const remote = [
      [0, 20, 0],
      [0, 0, 130],
      [0, 0, 0],
    ];
    expect(deriveLastMiles(slice(remote)).map(({ lastMileMs }) => lastMileMs)).toEqual([10, 10]);
  });

  it("is spread evenly over its tick", () => {
    expect([0, 0.5, 1].map((share) => withinTick(10, share))).toEqual([7.5, 10, 12.5]);
  });
});

describe("measured cities", () => {
  const cities: MeasuredCity[] = [
    { name: "London", ...london },
    { name: "Tokyo", ...tokyo },
    { name: "Wellington", ...wellington },
    { name: "Namesake", lat: 10, lon: 10 },
    { name: "Toledo", lat: 39.86, lon: -4.02 },
  ];
  const real = new Map<string, { lat: number; lon: number }>([
    ...cities.map(({ name, lat, lon }) => [name, { lat, lon }] as const),
    ["Namesake", { lat: 50, lon: 10 }],
    ["Toledo", { lat: 41.66, lon: -83.56 }],
  ]);
  const pingsAt = (msPerFibreMs: (from: string, to: string) => number): CityPing[] =>
    [...real].flatMap(([from, start]) =>
      [...real]
        .filter(([to]) => to !== from)
        .map(([to, end]) => {
          const printedKm = distanceKm(start, end);
          return { from, to, printedKm, avgMs: (printedKm / 100) * msPerFibreMs(from, to) };
        }),
    );

  it("moves a known namesake and leaves out one that contradicts the printed distances", () => {
    const { kept, dropped } = believableCities(
      cities,
      pingsAt(() => 1.5),
    );
    expect(kept.map(({ name }) => name)).toEqual(["London", "Tokyo", "Wellington", "Toledo"]);
    expect(kept.at(-1)).toEqual({ name: "Toledo", lat: 41.66, lon: -83.56 });
    expect(dropped[0]?.reason).toMatch(/coordinates disagree with distances by \d+ km/);
  });

  it("leaves out a machine that answers faster than light in fibre", () => {
    const slow = [...cities.filter(({ name }) => name !== "Namesake")];
    const pings = pingsAt((from, to) => (from === "Tokyo" && to === "London" ? 0.3 : 1.5));
    const names = believableCities(slow, pings).dropped.map(({ name }) => name);
    expect(names).toEqual(["London", "Tokyo"]);
  });
});

describe("pings to the regions", () => {
  const { kept } = believableCities(fixture().measuredCities, fixture().cityPings);
  const regions = placeRegions(kept);
  const town = { country: "GB", population: 1, ...london };
  const to = (name: string) => regions.findIndex((region) => region.name === name);

  it("use the forward pair, else the reverse one, else the next nearest city", () => {
    const without = (from: string, to: string) => (ping: CityPing) => !(ping.from === from && ping.to === to);
    const pings = fixture().cityPings;
    const ms = (list: CityPing[]) => regionPinger(regions, kept, list, fixture().towns)(town).ms[to("ap-northeast")];
    expect(ms(pings)).toBeCloseTo(distanceKm(london, tokyo) / 50 + 1, 0);
    const oneWay = pings.filter(without("London", "Tokyo"));
    expect(ms(oneWay)).toBeCloseTo(distanceKm(london, tokyo) / 50, 0);
    const noWay = oneWay.filter(without("Tokyo", "London"));
    expect(ms(noWay)).toBe(pings.find(({ from, to }) => from === "Frankfurt" && to === "Tokyo")?.avgMs);
  });

  it("start from a city of the same country when there is one, and are never faster than light", () => {
    const dover = { country: "GB", population: 1, lat: 51.13, lon: 1.31 };
    const calais = { country: "FR", population: 1, lat: 50.95, lon: 1.86 };
    const measured = [...kept, { name: "Calais", lat: calais.lat, lon: calais.lon }];
    const pinger = regionPinger(regions, measured, fixture().cityPings, [...fixture().towns, calais]);
    expect(pinger(dover).measuredCityKm).toBe(distanceKm(dover, london));
    const glasgow = { country: "GB", population: 1, lat: 55.86, lon: -4.26 };
    expect(pinger(glasgow).ms[to("eu-west")]).toBeCloseTo(distanceKm(glasgow, london) / 100, 1);
  });
});

describe("the population", () => {
  it("formats a player as one line with whole ms and two decimals", () => {
    const player = { elo: 968, country: "NA", lat: -22.5594, lon: 17, games: 51, avgPingMs: 21 };
    const row = playerRow(3, { ...player, pingMs: [20, 180], measuredCityKm: 12, lastMileMs: 9.5 });
    expect(row).toBe("3,968,NA,-22.56,17.00,51,21,20,180");
  });

  it("is the same for the same seed, and another for another", () => {
    const build = (seed: number) => populationCsv(buildPopulation(fixture(), { players: 40, seed }));
    expect(build(1)).toBe(build(1));
    expect(build(2)).not.toBe(build(1));
  });

  it("leaves out the unrated and those without a place", () => {
    const { players } = buildPopulation(fixture(), { players: 40, seed: 1 });
    expect(players.every(({ elo, country }) => elo > 0 && ["GB", "JP"].includes(country))).toBe(true);
    expect(() => buildPopulation(fixture(), { players: 41, seed: 1 })).toThrow("more than the 40 rated players");
  });

  it("names the file that is missing and what to do", () => {
    expect(() => readSources("nowhere")).toThrow(/ladder\.csv\.gz\n(.*\n)*.*--from/);
  });
});

describe("the shipped data", () => {
  const packed = readFileSync(new URL("../data/population.csv.gz", import.meta.url));
  const rows = parse<Record<string, string>>(gunzipSync(packed), { columns: true });
  const regions: { name: string; city: string; lat: number; lon: number }[] = JSON.parse(
    readFileSync(new URL("../data/regions.json", import.meta.url), "utf8"),
  );
  const names = regions.map(({ name }) => name);
  const column = (name: string) => rows.map((row) => Number(row[name]));
  const within = (values: number[], least: number, most: number) =>
    values.filter((value) => !(value >= least && value <= most));

  it("has at least 20,000 players, one column per region, and is small", () => {
    expect(rows.length).toBeGreaterThanOrEqual(20_000);
    expect(packed.length).toBeLessThan(1_000_000);
    const known = ["player", "elo", "country", "lat", "lon", "games", "avgPingMs"];
    expect(Object.keys(rows[0] ?? {})).toEqual([...known, ...names]);
    expect(regions.length).toBeGreaterThanOrEqual(8);
  });

  it("holds every field in its range", () => {
    expect(column("player")).toEqual(rows.map((_, at) => at + 1));
    expect(rows.filter((row) => !/^[A-Z]{2}$/.test(row.country ?? ""))).toEqual([]);
    expect(within(column("elo"), 1, 3000)).toEqual([]);
    expect(within(column("games"), 1, 100_000)).toEqual([]);
    expect(within([...column("lat"), ...regions.map(({ lat }) => lat)], -90, 90)).toEqual([]);
    expect(within([...column("lon"), ...regions.map(({ lon }) => lon)], -180, 180)).toEqual([]);
    for (const name of ["avgPingMs", ...names]) {
      const pings = column(name);
      expect(within(pings, 1, 1000), name).toEqual([]);
      expect(pings.every(Number.isInteger), name).toBe(true);
    }
  });

  it("keeps the ladder's distribution of ratings", () => {
    expect(Math.abs(mean(column("elo")) - 968)).toBeLessThan(6);
    expect(Math.abs(standardDeviation(column("elo")) - 241)).toBeLessThan(6);
  });

  it("has players at home in most regions, who see about their best region's ping", () => {
    const best = rows.map((row) => Math.min(...names.map((name) => Number(row[name]))));
    const homes = new Set(rows.map((row, at) => names.find((name) => Number(row[name]) === best[at])));
    expect(homes.size).toBeGreaterThanOrEqual(6);
    const excess = column("avgPingMs").map((ping, at) => ping - (best[at] ?? Number.NaN));
    expect(within(excess, 0, 20)).toEqual([]);
    expect(quantile(best, 0.5)).toBeLessThan(60);
  });
});

/** A small world: every region's city measured from every other at twice fibre's time, reverse 1 ms less, and 40 players. */
function fixture(): Sources {
  const places: [string, number, number, string][] = [
    ["Washington", 38.9, -77.04, "US"],
    ["Los Angeles", 34.05, -118.24, "US"],
    ["Sao Paulo", -23.55, -46.64, "BR"],
    ["London", london.lat, london.lon, "GB"],
    ["Frankfurt", 50.12, 8.68, "DE"],
    ["Johannesburg", -26.2, 28.04, "ZA"],
    ["Pune", 18.52, 73.86, "IN"],
    ["Singapore", 1.29, 103.85, "SG"],
    ["Shanghai", 31.22, 121.46, "CN"],
    ["Tokyo", tokyo.lat, tokyo.lon, "JP"],
    ["Sydney", -33.87, 151.21, "AU"],
  ];
  const cityPings = places.flatMap(([from, lat, lon], at) =>
    places.flatMap(([to, toLat, toLon], toAt) => {
      if (from === to) return [];
      const printedKm = distanceKm({ lat, lon }, { lat: toLat, lon: toLon });
      return [{ from, to, printedKm, avgMs: printedKm / 50 + (at < toAt ? 1 : 0) }];
    }),
  );
  const rated = Array.from({ length: 40 }, (_, at) => ({
    elo: 800 + at * 10,
    games: at + 1,
    country: at % 2 ? "GB" : "JP",
  }));
  return {
    ladder: [...rated, { elo: 0, games: 1, country: "GB" }, { elo: 900, games: 1, country: "" }],
    towns: [
      ...places.map(([, lat, lon, country]) => ({ lat, lon, country, population: 1000 })),
      { lat: 53.48, lon: -2.24, country: "GB", population: 500 },
    ],
    measuredCities: places.map(([name, lat, lon]) => ({ name, lat, lon })),
    cityPings,
    deviceRtts: [
      { src: 0, rttMs: [0, 20] },
      { src: 1, rttMs: [30, 0] },
    ],
  };
}
