#include "tools/gradmatch/pages/sample_configuration.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace gradmatch {
namespace {

constexpr size_t kWidth = 80;

// Lines of at most kWidth that begin with `indent` and "# ".
std::string Comment(const std::string& text, const std::string& indent) {
  std::string out, line = indent + "#";
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (line.size() + 1 + word.size() > kWidth && line.back() != '#') {
      absl::StrAppend(&out, line, "\n");
      line = indent + "#";
    }
    absl::StrAppend(&line, " ", word);
  }
  return absl::StrCat(out, line, "\n");
}

// A scalar of YAML: as it is when it cannot be taken for anything else.
std::string Scalar(const std::string& value) {
  const bool plain =
      !value.empty() && absl::ascii_isalnum(value.front()) &&
      !absl::EqualsIgnoreCase(value, "null") && value.back() != ':' &&
      std::ranges::all_of(value, [](unsigned char c) {
        return absl::ascii_isalnum(c) || absl::StrContains("._-/:", c);
      });
  if (plain) return value;
  return absl::StrCat(
      "\"", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

std::string OptionVariable(const std::string& name) {
  return absl::StrCat("GRADMATCH__", absl::AsciiStrToUpper(absl::StrReplaceAll(
                                         name, {{".", "__"}})));
}

std::string SampleConfiguration(const std::vector<OptionValue>& values,
                                const std::string& version) {
  std::string out = Comment(
      absl::StrCat("Every option of gradmatchd ", version,
                   " with its default; leave out what need not differ. A flag "
                   "(--set=name=value) wins over the environment, that over "
                   "this file."),
      "");
  std::vector<std::string> open;  // sections around the line before
  for (const OptionValue& value : values) {
    std::vector<std::string> path = absl::StrSplit(value.name, '.');
    const std::string leaf = path.back();
    path.pop_back();
    const size_t shared = std::ranges::mismatch(open, path).in1 - open.begin();
    open = path;
    for (size_t depth = shared; depth < path.size(); ++depth) {
      absl::StrAppend(&out, depth == 0 ? "\n" : "", std::string(2 * depth, ' '),
                      path[depth], ":\n");
    }
    const std::string indent(2 * path.size(), ' ');
    absl::StrAppend(&out, Comment(value.help, indent), indent, leaf, ": ",
                    Scalar(value.default_value), "\n");
  }
  return out;
}

}  // namespace gradmatch
