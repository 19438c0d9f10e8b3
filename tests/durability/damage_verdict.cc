#include "tests/durability/damage_verdict.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace gradmatch {
namespace {

// The first line of `read` that is not true, or empty.
std::string FirstWrongLine(const DumpSection& truth, const DumpSection& read) {
  const std::set<std::string> lines(truth.lines.begin(), truth.lines.end());
  const auto wrong =
      std::find_if(read.lines.begin(), read.lines.end(),
                   [&](const auto& line) { return !lines.contains(line); });
  return wrong == read.lines.end() ? "" : wrong->substr(0, 300);
}

// Whether the server warned, with the file's name, of what it did not in truth.
bool IsWarned(const Dump& truth, const Dump& read, const std::string& file) {
  return std::any_of(read.warnings.begin(), read.warnings.end(),
                     [&](const std::string& line) {
                       return absl::StrContains(line, file);
                     }) &&
         read.warnings.size() > truth.warnings.size();
}

bool SomebodyNames(const Dump& read, const std::string& error,
                   const std::string& file) {
  if (absl::StrContains(error, file)) return true;
  return std::any_of(
      read.warnings.begin(), read.warnings.end(),
      [&](const std::string& line) { return absl::StrContains(line, file); });
}

}  // namespace

std::string_view DamageOutcomeName(DamageOutcome outcome) {
  constexpr std::string_view kNames[kDamageOutcomeCount] = {
      "identical", "refused", "told", "UNNAMED", "SILENT"};
  return kNames[static_cast<int>(outcome)];
}

DamageVerdict Judge(const Dump& truth, const Dump& read,
                    const std::string& file) {
  if (!read.refusal.empty()) {
    return {SomebodyNames(read, read.refusal, file) ? DamageOutcome::kRefused
                                                    : DamageOutcome::kUnnamed,
            read.refusal};
  }
  DamageVerdict told;
  if (IsWarned(truth, read, file)) {
    told = {DamageOutcome::kTold, read.warnings.back()};
  }
  for (const auto& [name, section] : truth.sections) {
    const auto it = read.sections.find(name);
    if (it == read.sections.end())
      return {DamageOutcome::kSilent, name + " is gone"};
    if (it->second.lines == section.lines && it->second.error.empty()) continue;
    const std::string wrong = FirstWrongLine(section, it->second);
    if (!wrong.empty() || it->second.error.empty()) {
      return {DamageOutcome::kSilent,
              absl::StrCat(name, ": ", section.lines.size(), " lines became ",
                           it->second.lines.size(), "; ", wrong)};
    }
    const bool named = SomebodyNames(read, it->second.error, file);
    if (told.outcome == DamageOutcome::kUnnamed) continue;
    told = {named ? DamageOutcome::kTold : DamageOutcome::kUnnamed,
            absl::StrCat(name, ": ", it->second.error)};
  }
  return told;
}

}  // namespace gradmatch
