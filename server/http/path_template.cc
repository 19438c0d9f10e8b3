#include "server/http/path_template.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

absl::Status Bad(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("path template ", A(text), ": ", A(why)));
}

// Splits at slashes that are not within braces.
std::vector<std::string> SplitOutsideBraces(std::string_view path) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : path) {
    depth += (c == '{') - (c == '}');
    if (c == '/' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  return parts;
}

PathTemplate::Segment SegmentOf(absl::string_view text) {
  PathTemplate::Segment segment;
  if (text == "**") {
    segment.rest = true;
  } else if (text != "*") {
    segment.literal = std::string(text);
  }
  return segment;
}

}  // namespace

absl::StatusOr<PathTemplate> PathTemplate::Parse(std::string_view text) {
  PathTemplate out;
  out.text_ = std::string(text);
  if (text.empty() || text[0] != '/') return Bad(text, "begins with no slash");
  std::string_view path = text.substr(1);
  const size_t colon = path.rfind(':');
  if (colon != std::string_view::npos && path.find('}', colon) == path.npos &&
      path.find('/', colon) == path.npos) {
    out.verb_ = std::string(path.substr(colon + 1));
    path = path.substr(0, colon);
  }
  for (const std::string& part : SplitOutsideBraces(path)) {
    std::string pattern = part;
    if (!part.empty() && part[0] == '{') {
      if (part.back() != '}') return Bad(text, "a brace is not closed");
      const std::string inside = part.substr(1, part.size() - 2);
      const std::pair<std::string, std::string> variable =
          absl::StrSplit(inside, absl::MaxSplits('=', 1));
      pattern = variable.second.empty() ? "*" : variable.second;
      Variable& added = out.variables_.emplace_back();
      added.field = variable.first;
      added.begin = out.segments_.size();
    }
    for (const absl::string_view segment : absl::StrSplit(pattern, '/')) {
      if (segment.empty() || segment.find_first_of("{}") != segment.npos) {
        return Bad(text, "a segment is empty or has a brace");
      }
      if (!out.segments_.empty() && out.segments_.back().rest) {
        return Bad(text, "something follows **");
      }
      out.segments_.push_back(SegmentOf(segment));
    }
    if (part[0] == '{') out.variables_.back().end = out.segments_.size();
  }
  return out;
}

std::optional<PathBindings> PathTemplate::Match(
    const std::vector<std::string>& segments, std::string_view verb) const {
  if (verb != verb_) return std::nullopt;
  const bool open_end = segments_.back().rest;
  if (open_end ? segments.size() < segments_.size()
               : segments.size() != segments_.size()) {
    return std::nullopt;
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].empty()) return std::nullopt;
    if (i >= segments_.size()) continue;  // of "**"
    const std::string& literal = segments_[i].literal;
    if (!literal.empty() && literal != segments[i]) return std::nullopt;
  }
  PathBindings bindings;
  for (const Variable& variable : variables_) {
    const bool to_end = variable.end == segments_.size() && open_end;
    bindings.emplace_back(
        variable.field,
        absl::StrJoin(segments.begin() + variable.begin,
                      to_end ? segments.end() : segments.begin() + variable.end,
                      "/"));
  }
  return bindings;
}

std::vector<std::string> PathTemplate::Variables() const {
  std::vector<std::string> names;
  for (const Variable& variable : variables_) names.push_back(variable.field);
  return names;
}

}  // namespace gradmatch
