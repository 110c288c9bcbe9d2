const MiB = 1024 * 1024;
const second = 1000;

/** The bounds of analytics, each with its reason; a part of {@link limits}, in the same units. */
export const analyticsLimits = {
  // Because a quarter is what people compare with the one before.
  analyticsDays: 90,
  // Because a call takes some 100 bytes: that is 200 million of them.
  analyticsBytes: 20 * 1024 * MiB,
  // Because who looks at a screen waits no longer, and one question must not hold up the others.
  analyticsQueryMs: 10 * second,
  analyticsRows: 10_000,
  // Because sorting some million rows fits into it; what does not is put on the disk.
  analyticsMemoryBytes: 512 * MiB,
  analyticsThreads: 2,
  // Because a disk that stalls for seconds must not cost records: a kilobyte each.
  analyticsPending: 20_000,
  // Because DuckDB takes a thousand rows in some ten milliseconds, and making their text holds nobody up noticeably.
  analyticsBatch: 1000,
  // Because what is lost by a power cut should be less than a second.
  analyticsBatchMs: 250,
  // Because all questions share processors and memory.
  analyticsRunning: 4,
  analyticsWaiting: 32,
  // Because one who asks much must not take the places of all.
  analyticsShare: 8,
  // Because beside what DuckDB counts there are texts and lists in the making, and the answers.
  analyticsSpareBytes: 1024 * MiB,
  // Because in that time a process can take some hundred megabytes, not all that there is.
  analyticsWatchMs: 100,
  // Because an answer is held in memory, here and there.
  analyticsAnswerBytes: 32 * MiB,
  // Because a disk that fills up with what queries put aside would stop the records.
  analyticsSpillBytes: 4 * 1024 * MiB,
} as const;
