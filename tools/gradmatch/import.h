#ifndef GRADMATCH_TOOLS_GRADMATCH_IMPORT_H_
#define GRADMATCH_TOOLS_GRADMATCH_IMPORT_H_

#include <string>
#include <vector>

#include "tools/gradmatch/client.h"

namespace gradmatch {

struct ImportArguments {
  std::vector<std::string> files;
  std::string format = "auto";  // or jsonl, csv, tsv
  std::string source;           // of postings, and of content that has one
  std::string mapping;        // postings only; empty: rows are Postings in JSON
  std::string report;         // CSV, a line a row that has something to say
  bool all_rows = false;      // the report has every row
  bool dry_run = false;       // checks everything, writes nothing
  bool received_now = false;  // re-dates, see server/feed/redate.h
  int64_t expected_count = 0;  // 0: unknown
};

// Syncs files into the server, row by row, and says what became of them. Gives
// the exit code: 65 when rows were rejected, 73 when the report could not be
// written. Ctrl-C ends it with what was answered in the report.
int ImportPostings(const GlobalOptions& options,
                   const ImportArguments& arguments);
int ImportGraduates(const GlobalOptions& options,
                    const ImportArguments& arguments);
int ImportContents(const GlobalOptions& options,
                   const ImportArguments& arguments);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_IMPORT_H_
