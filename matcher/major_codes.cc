#include "matcher/major_codes.h"

#include <algorithm>

#include "index/codes/code_table.h"

namespace gradmatch {
namespace {

void AddDigitsOf(const std::vector<const CodeEntry*>& entries,
                 std::vector<std::string>& digits) {
  for (const CodeEntry* entry : entries) {
    std::string d = MajorDigits(entry->code);
    if (!d.empty() &&
        std::find(digits.begin(), digits.end(), d) == digits.end()) {
      digits.push_back(std::move(d));
    }
  }
}

}  // namespace

std::vector<std::string> MajorInSystem(const v1::Code& major,
                                       MajorSystem system) {
  std::vector<std::string> digits;
  const MajorSystem own = MajorSystemOf(major.system());
  if (own == system && !major.code().empty()) {
    std::string d = MajorDigits(major.code());
    if (!d.empty()) digits.push_back(std::move(d));
    return digits;
  }
  const CodeTable* to = CodeTable::Get(MajorSystemName(system));
  if (to == nullptr) return digits;
  const CodeTable* from = CodeTable::Get(major.system());
  const CodeEntry* entry =
      from == nullptr ? nullptr
                      : from->Find(major.code(), CodeTable::Former::kFollow);
  AddDigitsOf(entry != nullptr ? CrossByName(*entry, *to)
                               : to->FindByName(major.display()),
              digits);
  return digits;
}

std::string CodeName(const v1::Code& code) {
  if (!code.display().empty()) return code.display();
  const CodeTable* table = CodeTable::Get(code.system());
  const std::string_view name =
      table == nullptr ? std::string_view() : table->Name(code.code());
  return name.empty() ? code.code() : std::string(name);
}

}  // namespace gradmatch
