import type { ErrorEntry } from '@aeneas/cassandra';

export const mappingErrors = {
  MAPPING_RULE_UNKNOWN: {
    cause: 'There is no mapping rule at this place of the list.',
    remedy: 'Load the rules again; the rule may have been removed or moved.',
  },
  MAPPING_SOURCE_NEEDED: {
    cause: 'The mapping rule does not say of which source its tables are, and the project has several sources, or none.',
    remedy: 'Choose the source of the rule; "Add source" adds one to the project.',
  },
  MAPPING_SAMPLE_NONE: {
    cause: 'The source is a live cluster. Items are made from the files of its nodes, which the server does not have.',
    remedy: 'Add the files of a node, or a copy of them, as a source of the kind "SSTable directory", and choose that source here to see items of real rows.',
  },
  MAPPING_SAMPLE_LATE: {
    cause: 'The first rows of the table could not be read in the time that a preview has.',
    remedy: 'Run "aeneas items --table keyspace.table DIR | head" on the machine that has the files: it takes all the time that it needs.',
  },
} as const satisfies Record<string, ErrorEntry>;
