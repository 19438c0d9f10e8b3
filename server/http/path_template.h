#ifndef GRADMATCH_SERVER_HTTP_PATH_TEMPLATE_H_
#define GRADMATCH_SERVER_HTTP_PATH_TEMPLATE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace gradmatch {

// Field paths and the text that a path gives them, in the template's order:
// {"posting.name", "sources/gd/postings/1"}.
using PathBindings = std::vector<std::pair<std::string, std::string>>;

// A path of google.api.http, compiled (the grammar is in
// google/api/http.proto):
//
//   /v1/{posting.name=sources/*/postings/*}       /v1/postings:search
//
// "*" is one segment that is not empty, "**" is one or more, at the end only;
// {name} is {name=*}. Immutable.
class PathTemplate {
 public:
  // InvalidArgument for what does not follow the grammar.
  static absl::StatusOr<PathTemplate> Parse(std::string_view text);

  // What the variables get; nullopt when the path is another one.
  std::optional<PathBindings> Match(const std::vector<std::string>& segments,
                                    std::string_view verb) const;

  // The names of the variables, in order.
  std::vector<std::string> Variables() const;
  const std::string& text() const { return text_; }
  const std::string& verb() const { return verb_; }
  // What the path is made of, variables and their patterns flattened.
  struct Segment {
    std::string literal;  // empty: a wildcard
    bool rest = false;    // "**"
  };
  const std::vector<Segment>& segments() const { return segments_; }

 private:
  struct Variable {
    std::string field;
    size_t begin = 0;  // segments [begin, end)
    size_t end = 0;
  };

  std::string text_;
  std::string verb_;
  std::vector<Segment> segments_;
  std::vector<Variable> variables_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_PATH_TEMPLATE_H_
