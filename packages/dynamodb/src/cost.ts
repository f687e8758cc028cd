// What loading costs on AWS, by each way. List prices of us-east-1: an estimate to choose by, not an invoice.

/** US dollars, us-east-1, as published second-hand in 2025 and 2026: AWS's price pages decide. */
export const PRICES = {
  /** Per million write request units of an on-demand table. */
  onDemandPerMillion: 0.625,
  /** Per provisioned write capacity unit and hour. */
  provisionedPerHour: 0.00065,
  /** Per gigabyte of uncompressed lines that ImportTable reads. */
  importPerGigabyte: 0.15,
} as const;
/** How much of provisioned capacity a steady load uses. */
const UTILISATION = 0.8;
/** JSON around each item of a line, attribute types included; from lines of the fixtures. */
const LINE_OVERHEAD_BYTES = 100;
const GIGABYTE = 1024 ** 3;

/** What was, or will be, loaded. */
export interface LoadVolume {
  readonly items: number;
  /** As DynamoDB counts them. */
  readonly itemBytes: number;
  /** One per item and started kilobyte. */
  readonly writeUnits: number;
  /** Uncompressed import lines, where they are known. */
  readonly lineBytes?: number;
}

export interface LoadWay {
  readonly name: string;
  readonly dollars: number;
  readonly note: string;
}

export interface LoadCost {
  readonly ways: readonly LoadWay[];
  readonly basis: string;
}

/** The cost of loading all of these with each loader. */
export function costOf(volumes: readonly LoadVolume[]): LoadCost {
  let units = 0, lineBytes = 0;
  for (const volume of volumes) {
    units += volume.writeUnits;
    lineBytes += volume.lineBytes ?? volume.itemBytes + volume.items * LINE_OVERHEAD_BYTES;
  }
  const onDemand = (units / 1e6) * PRICES.onDemandPerMillion;
  const provisioned = (units / UTILISATION / 3600) * PRICES.provisionedPerHour;
  const imported = (lineBytes / GIGABYTE) * PRICES.importPerGigabyte;
  const millions = (units / 1e6).toFixed(units < 1e7 ? 3 : 1);
  return {
    ways: [
      { name: 'S3 import', dollars: imported, note: `${(lineBytes / GIGABYTE).toFixed(3)} GB of lines; into new tables only` },
      { name: 'built-in, provisioned', dollars: provisioned, note: `${millions} million write units at ${UTILISATION * 100}% utilisation` },
      { name: 'built-in, on-demand', dollars: onDemand, note: `${millions} million write units` },
      { name: 'AWS DMS', dollars: onDemand, note: `${millions} million write units on demand, plus the hours of its replication instance` },
    ],
    basis: 'list prices of us-east-1 as known in November 2026, without storage, transfer and requests to S3',
  };
}
