#ifndef GRADMATCH_SERVER_FEED_POSTING_MAPPING_H_
#define GRADMATCH_SERVER_FEED_POSTING_MAPPING_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/graduate.pb.h"
#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/sync.pb.h"
#include "server/feed/feed_reader.h"

namespace gradmatch {

struct RuleInput;

// How one column became a field; for the shares in the report.
enum class FieldReading {
  kAbsent,      // no text in the row
  kUnderstood,  // a value, certain or with its assumption as an issue
  kRaw,         // kept as text and flagged
};

// Entries of one field of a row: majors of a list, conditions of a text.
struct EntryReading {
  std::string field;
  int entries = 0;
  std::vector<std::string> unread;  // those kept as text
};

// A row as a posting. `error` set: the row cannot be a posting at all.
struct MappedPosting {
  v1::Posting posting;
  // Remarks of the mapping: what was assumed, what was not understood.
  std::vector<v1::Issue> issues;
  std::optional<v1::RowError> error;
  // One a rule of the mapping, in order of PostingMapping::fields.
  std::vector<FieldReading> readings;
  // Of the fields that have entries.
  std::vector<EntryReading> entries;
};

// Which column becomes which field of a posting, read from YAML:
//
//   format: columns            # or proto_json: a row is a Posting in JSON
//   fields:
//     - target: title          # field of a Posting, see field_parsers.cc
//       from: [职位, 标题]      # columns; the first with text is taken
//     - target: salary
//       kind: salary_numbers   # how the text is read; each target has its own
//       from: [最低薪资, 最高薪资, 几薪]     # kinds, the first is the default
//     - target: description
//       kind: joined           # all columns, separated by `separator`
//       from: [职责, 要求]
//     - target: kind
//       kind: constant
//       value: INTERNSHIP
//   (also: `default`, text taken when no column has one; `separator`; `format`
//   of a date, such as "%Y.%m.%d")
//
// Immutable; thread-safe.
class PostingMapping {
 public:
  // InvalidArgument names the file, the line, the word seen, the words allowed
  // and the nearest one.
  static absl::StatusOr<PostingMapping> Parse(std::string_view yaml,
                                              std::string_view file);
  static absl::StatusOr<PostingMapping> Load(const std::string& path);
  // Rows are postings in protobuf's JSON form; needs no file.
  static PostingMapping ProtoJson();

  // Never fails: what is not understood stays raw and is flagged.
  MappedPosting Map(const FeedRow& row) const;

  // InvalidArgument when a column of `from` is in no header (JSONL has none),
  // or there is a header and the rows should be messages.
  absl::Status CheckColumns(const std::vector<std::string>& columns) const;

  // Names of the targets, in order of the rules.
  const std::vector<std::string>& fields() const { return fields_; }

  struct Rule {
    std::string target;
    std::string kind;
    std::vector<std::string> from;
    std::string fallback;   // `default`, or the constant's `value`
    std::string separator;  // of `joined` and of lists
    std::string format;     // of times, as absl::ParseTime; empty: as usual
    int line = 0;
  };

 private:
  using Parser = FieldReading (*)(const RuleInput& input, MappedPosting& out);

  bool proto_json_ = false;
  std::vector<Rule> rules_;
  std::vector<Parser> parsers_;  // one a rule
  std::vector<std::string> fields_;
};

// A row as a graduate in protobuf's JSON form. The error never quotes the row.
struct MappedGraduate {
  v1::Graduate graduate;
  std::optional<v1::RowError> error;
};
MappedGraduate MapGraduate(const FeedRow& row);

// A row as content in protobuf's JSON form.
struct MappedContent {
  v1::Content content;
  std::optional<v1::RowError> error;
};
MappedContent MapContent(const FeedRow& row);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_POSTING_MAPPING_H_
