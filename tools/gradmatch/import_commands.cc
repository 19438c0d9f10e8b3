#include <memory>

#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/import.h"

namespace gradmatch {

void AddImportCommands(CommandLine& line, const GlobalOptions& options) {
  auto postings = std::make_shared<ImportArguments>();
  line.Add("posting import",
           "Syncs files of postings: JSON lines, CSV or TSV, also .gz",
           [&options, postings] { return ImportPostings(options, *postings); })
      .Positionals("files", &postings->files, "Files to read")
      .Option("--source", &postings->source, "Source they belong to")
      .Required()
      .Option("--mapping", &postings->mapping,
              "YAML that says which column is which field, or the name of a "
              "shipped one: jobs_boards, official_positions; without it a "
              "header is recognised, else a row is a Posting in JSON")
      .Option("--format", &postings->format,
              "What the file is; by its name if auto")
      .OneOf({"auto", "jsonl", "csv", "tsv"})
      .Option("--report", &postings->report,
              "CSV to write: line, id, outcome, field, value, what is allowed")
      .Flag("--all-rows", &postings->all_rows, "Every row into the report")
      .Option("--expected-count", &postings->expected_count,
              "Rows there should be; another number is warned about")
      .Range(0, kMostItems)
      .Flag("--received-now", &postings->received_now,
            "Moves publish times so that the newest is today")
      .Flag("--dry-run", &postings->dry_run, "Checks all, writes nothing");

  auto contents = std::make_shared<ImportArguments>();
  line.Add("content import", "Syncs files of content in JSON lines",
           [&options, contents] { return ImportContents(options, *contents); })
      .Positionals("files", &contents->files, "Files to read")
      .Option("--source", &contents->source,
              "Source that publishes it; without it the platform does")
      .Option("--format", &contents->format,
              "What the file is; by its name if auto")
      .OneOf({"auto", "jsonl"})
      .Option("--report", &contents->report,
              "CSV to write: line, id, outcome, field, value, what is allowed")
      .Flag("--all-rows", &contents->all_rows, "Every row into the report")
      .Option("--expected-count", &contents->expected_count,
              "Rows there should be; another number is warned about")
      .Range(0, kMostItems)
      .Flag("--dry-run", &contents->dry_run, "Checks all, writes nothing");

  auto graduates = std::make_shared<ImportArguments>();
  line.Add("graduate import", "Syncs files of graduates in JSON lines",
           [&options, graduates] {
             return ImportGraduates(options, *graduates);
           })
      .Positionals("files", &graduates->files, "Files to read")
      .Option("--format", &graduates->format,
              "What the file is; by its name if auto")
      .OneOf({"auto", "jsonl"})
      .Option("--report", &graduates->report,
              "CSV to write: line, outcome, field, value, what is allowed")
      .Flag("--all-rows", &graduates->all_rows, "Every row into the report")
      .Option("--expected-count", &graduates->expected_count,
              "Rows there should be; another number is warned about")
      .Range(0, kMostItems)
      .Flag("--dry-run", &graduates->dry_run, "Checks all, writes nothing");
}

}  // namespace gradmatch
