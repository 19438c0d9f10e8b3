#include "tools/sample/archetypes.h"

#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"

extern "C" const char gradmatch_sample_archetypes[];
extern "C" const char gradmatch_sample_archetypes_end[];

namespace gradmatch {
namespace {

std::vector<std::string> List(absl::string_view cell) {
  return absl::StrSplit(cell, '|', absl::SkipEmpty());
}

// Entries of `system` with these names at `level`.
absl::StatusOr<std::vector<const CodeEntry*>> Resolve(absl::string_view cell,
                                                      std::string_view system,
                                                      int level) {
  std::vector<const CodeEntry*> entries;
  for (const std::string& name : List(cell)) {
    const CodeEntry* found = nullptr;
    for (const CodeEntry* entry :
         CodeTable::BuiltIn(system)->FindByName(name)) {
      if (entry->level == level) found = entry;
    }
    if (found == nullptr) {
      return absl::InternalError(
          absl::StrCat(A(system), " has no '", name, "' at level ", level));
    }
    entries.push_back(found);
  }
  return entries;
}

absl::StatusOr<Archetype> Parse(absl::string_view line) {
  const std::vector<absl::string_view> cells = absl::StrSplit(line, '\t');
  Archetype a;
  if (cells.size() != 9 || !absl::SimpleAtoi(cells[0], &a.weight) ||
      !absl::SimpleAtoi(cells[1], &a.level) ||
      !absl::SimpleAtoi(cells[2], &a.pay)) {
    return absl::InternalError("nine cells, the first three numbers, expected");
  }
  const auto function = Resolve(cells[4], "function", 3);
  if (!function.ok()) return function.status();
  const auto undergraduate = Resolve(cells[5], "undergraduate", 2);
  if (!undergraduate.ok()) return undergraduate.status();
  const auto vocational = Resolve(cells[6], "gd2025-C", 2);
  if (!vocational.ok()) return vocational.status();
  a.titles = List(cells[3]);
  a.function = function->front();
  a.undergraduate = *undergraduate;
  a.vocational = *vocational;
  a.skills = List(cells[7]);
  a.duties = List(cells[8]);
  return a;
}

}  // namespace

absl::StatusOr<std::vector<Archetype>> LoadArchetypes() {
  const absl::string_view table(
      gradmatch_sample_archetypes,
      gradmatch_sample_archetypes_end - gradmatch_sample_archetypes);
  std::vector<Archetype> archetypes;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(table, '\n')) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    absl::StatusOr<Archetype> archetype = Parse(line);
    if (!archetype.ok()) {
      return absl::InternalError(absl::StrCat(
          "archetypes.tsv line ", number, ": ", archetype.status().message()));
    }
    archetypes.push_back(*std::move(archetype));
  }
  return archetypes;
}

}  // namespace gradmatch
