// What majors lead to: data/major_functions.tsv, and the crossing of other
// lists' groups to it.

#include <algorithm>
#include <unordered_map>

#include "index/codes/code_table.h"
#include "matcher/text/parse_major.h"
#include "matcher/text/word_lists.h"

namespace gradmatch {
namespace {

using ByMajor =
    std::unordered_map<std::string_view, const WordLists::MajorFunctions*>;

const ByMajor& FunctionsByMajor() {
  static const ByMajor* const map = [] {
    auto* m = new ByMajor();
    for (const auto& line : WordLists::Get().major_functions) {
      m->emplace(line.major, &line);
    }
    return m;
  }();
  return *map;
}

const std::unordered_map<std::string_view, std::string_view>& Crossings() {
  static const auto* const map = [] {
    auto* m = new std::unordered_map<std::string_view, std::string_view>();
    for (const auto& c : WordLists::Get().crossings)
      m->emplace(c.group, c.major);
    return m;
  }();
  return *map;
}

// Our own crossing of a group of Guangdong's lists, or of one that bears the
// name of such a group.
std::string_view CrossGroup(const CodeTable& table, const CodeEntry& entry) {
  const auto crossing = [](const CodeEntry& e) {
    const auto found = Crossings().find(e.code);
    return found == Crossings().end() ? std::string_view() : found->second;
  };
  if (table.system().starts_with("gd2025-")) return crossing(entry);
  for (std::string_view system : {"gd2025-A", "gd2025-C"}) {
    for (const CodeEntry* e : CrossByName(entry, *CodeTable::BuiltIn(system))) {
      if (const std::string_view crossed = crossing(*e); !crossed.empty()) {
        return crossed;
      }
    }
  }
  return {};
}

}  // namespace

std::string_view NearestUndergraduate(std::string_view system,
                                      std::string_view code) {
  const CodeTable& undergraduate = *CodeTable::BuiltIn("undergraduate");
  if (system == "undergraduate") {
    const CodeEntry* entry = undergraduate.Find(code);
    return entry == nullptr ? std::string_view() : entry->code;
  }
  const CodeTable* table = CodeTable::BuiltIn(system);
  // Imported catalogues have the tables of the data folder to go by.
  if (table == nullptr) table = CodeTable::Get(system);
  if (table == nullptr || !table->IsMajorCatalogue()) return {};
  // By name as far down as names go, then by the crossing of the group.
  for (const CodeEntry* e = table->Find(code); e != nullptr;
       e = table->Parent(*e)) {
    const std::vector<const CodeEntry*> same = CrossByName(*e, undergraduate);
    if (!same.empty()) return same.back()->code;
    const std::string_view crossed = CrossGroup(*table, *e);
    if (!crossed.empty()) return crossed;
  }
  return {};
}

std::vector<TypicalFunction> TypicalFunctions(std::string_view system,
                                              std::string_view code) {
  std::vector<TypicalFunction> functions;
  const CodeTable& undergraduate = *CodeTable::BuiltIn("undergraduate");
  for (const CodeEntry* e =
           undergraduate.Find(NearestUndergraduate(system, code));
       e != nullptr; e = undergraduate.Parent(*e)) {
    const auto line = FunctionsByMajor().find(e->code);
    if (line == FunctionsByMajor().end()) continue;
    for (const auto& f : line->second->functions) {
      functions.push_back({f.code, f.weight});
    }
    break;
  }
  std::stable_sort(functions.begin(), functions.end(),
                   [](const TypicalFunction& a, const TypicalFunction& b) {
                     return a.weight > b.weight;
                   });
  return functions;
}

}  // namespace gradmatch
