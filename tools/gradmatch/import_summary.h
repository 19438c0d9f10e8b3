#ifndef GRADMATCH_TOOLS_GRADMATCH_IMPORT_SUMMARY_H_
#define GRADMATCH_TOOLS_GRADMATCH_IMPORT_SUMMARY_H_

#include "absl/time/time.h"
#include "server/feed/feed_report.h"
#include "tools/gradmatch/client.h"
#include "tools/gradmatch/import.h"

namespace gradmatch {

// What became of an import's rows, on standard output: counts that add up, how
// the columns were read, why rows were refused or flagged. For people, or as
// one line with a JSON object, its members always in this order:
//
//   {"rows": 3, "created": 1, ..., "rejected": 2, "dry_run": false,
//    "seconds": 0.1, "reasons": {"FIELD_MISSING": 2},
//    "fields": {"title": {"understood": 2, "raw": 0, "absent": 1}}}
void PrintImportSummary(const GlobalOptions& options,
                        const ImportArguments& arguments,
                        const FeedReport& report, absl::Duration elapsed);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_IMPORT_SUMMARY_H_
